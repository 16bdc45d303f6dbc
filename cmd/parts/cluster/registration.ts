import { groupsOf } from '../../../apiserver/discovery/groups.ts'
import type { KindDeclaration } from '../../../apiserver/registry/kind.ts'
import type { Registration, ServiceReference } from '../../../cluster/registration/api-service.ts'
import type { Options } from '../../options.ts'
import { ownNamespace } from './own-namespace.ts'

/** What the cluster is to know of a server with these kinds. */
export function registrationOf(
  kinds: readonly KindDeclaration[],
  service: ServiceReference,
  authorityPem: string,
): Registration {
  const groups = groupsOf(kinds).map(({ name, versions }) => ({
    name,
    versions: versions.map(({ version }) => version),
  }))
  return { groups, service, authorityPem }
}

/** The Service that leads to us. */
export async function serviceOf(options: Options): Promise<ServiceReference> {
  return { namespace: await ownNamespace(options), name: options.serviceName, port: options.servicePort }
}

/** The name that the aggregator looks for in the serving certificate. */
export function serviceHost({ name, namespace }: ServiceReference): string {
  return `${name}.${namespace}.svc`
}

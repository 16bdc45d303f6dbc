import { groupsOf } from '../../../apiserver/discovery/groups.ts'
import type { KindDeclaration } from '../../../apiserver/registry/kind.ts'
import {
  type ApiService,
  apiServicesOf,
  ownerOf,
  type Registration,
  type ServiceReference,
} from '../../../cluster/registration/api-service.ts'
import { kinds } from '../../../kinds/catalog.gen.ts'
import type { ResourceClient } from '../../../machinery/client.ts'
import { isStatusReason } from '../../../machinery/status.ts'
import type { Options } from '../../options.ts'
import type { Cluster } from './cluster.ts'
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

/** Whether the cluster asks a server of this name already, for any of its versions. */
export async function isRegistered(options: Options, cluster: Cluster): Promise<boolean> {
  const service = await serviceOf(options)
  const client = cluster.prompt<ApiService>('apiregistration.k8s.io', 'apiservices')
  for (const { metadata } of apiServicesOf(registrationOf(kinds, service, ''))) {
    const found = await readApiService(client, metadata.name ?? '')
    if (found !== undefined && ownerOf(found, service).owner === 'us') return true
  }
  return false
}

/** The name that the aggregator looks for in the serving certificate. */
export function serviceHost({ name, namespace }: ServiceReference): string {
  return `${name}.${namespace}.svc`
}

export async function readApiService(
  client: ResourceClient<ApiService>,
  name: string,
): Promise<ApiService | undefined> {
  try {
    return await client.get({ name })
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return undefined
    throw error
  }
}

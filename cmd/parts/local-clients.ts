import { localClient } from '../../apiserver/registry/local-client.ts'
import type { Registries } from '../../apiserver/registry/registries.ts'
import type { UserInfo } from '../../apiserver/request-context.ts'
import { mastersGroup } from '../../apiserver/authorization/authorizer.ts'
import { assert } from '../../base/assert.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { SyncerClients } from '../../syncer/syncer-parts.ts'
import type { TargetResource } from '../../syncer/target/target-resource.ts'
import type { Options } from '../options.ts'

/** Who the syncer, and whatever else acts for the server itself, is while it lives in the server's process. */
export const serverUser: UserInfo = {
  name: 'system:serviceaccount:external-secrets:external-secrets',
  groups: [mastersGroup, 'system:serviceaccounts', 'system:authenticated'],
  extra: {},
}

export function clientOf<T extends KubeObject>(
  registries: Registries,
  group: string,
  resource: string,
): ResourceClient<T> {
  const registry = registries.find(group, resource)
  assert(registry !== undefined, `${resource} is served`)
  return localClient<T>(registry, serverUser)
}

/** The clients of one world, by group and plural. */
export type ClientOf = <T extends KubeObject>(group: string, plural: string) => ResourceClient<T>

export function localClients(registries: Registries): ClientOf {
  return (group, plural) => clientOf(registries, group, plural)
}

export const generatorGroup = 'generators.external-secrets.io'

export function syncerClients(of: ClientOf, { unsafeAllowGenericTargets }: Options): SyncerClients {
  const group = 'external-secrets.io'
  return {
    externalSecrets: of(group, 'externalsecrets'),
    secretStores: of(group, 'secretstores'),
    clusterSecretStores: of(group, 'clustersecretstores'),
    secrets: of('', 'secrets'),
    ...(unsafeAllowGenericTargets && { targetResources: localTargets(of) }),
    configMaps: of('', 'configmaps'),
    namespaces: of('', 'namespaces'),
    serviceAccounts: of('', 'serviceaccounts'),
    generatorStates: of(generatorGroup, 'generatorstates'),
    generators: (plural) => of(generatorGroup, plural),
    events: of('', 'events'),
  }
}

/** Of the kinds that are served here beside ours, ConfigMap alone is for values. */
function localTargets(of: ClientOf): NonNullable<SyncerClients['targetResources']> {
  const configMap: TargetResource = { client: of('', 'configmaps') }
  return ({ apiVersion, kind }) => Promise.resolve(apiVersion === 'v1' && kind === 'ConfigMap' ? configMap : undefined)
}

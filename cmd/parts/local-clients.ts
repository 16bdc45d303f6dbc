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

export const generatorGroup = 'generators.external-secrets.io'

export function syncerClients(registries: Registries, { unsafeAllowGenericTargets }: Options): SyncerClients {
  const group = 'external-secrets.io'
  return {
    externalSecrets: clientOf(registries, group, 'externalsecrets'),
    secretStores: clientOf(registries, group, 'secretstores'),
    clusterSecretStores: clientOf(registries, group, 'clustersecretstores'),
    secrets: clientOf(registries, '', 'secrets'),
    ...(unsafeAllowGenericTargets && { targetResources: localTargets(registries) }),
    configMaps: clientOf(registries, '', 'configmaps'),
    namespaces: clientOf(registries, '', 'namespaces'),
    serviceAccounts: clientOf(registries, '', 'serviceaccounts'),
    generators: (plural) => clientOf(registries, generatorGroup, plural),
    events: clientOf(registries, '', 'events'),
  }
}

/** Of the kinds that are served here beside ours, ConfigMap alone is for values. */
function localTargets(registries: Registries): NonNullable<SyncerClients['targetResources']> {
  const configMap: TargetResource = { client: clientOf(registries, '', 'configmaps') }
  return ({ apiVersion, kind }) => Promise.resolve(apiVersion === 'v1' && kind === 'ConfigMap' ? configMap : undefined)
}

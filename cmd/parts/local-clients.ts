import { localClient } from '../../apiserver/registry/local-client.ts'
import type { Registries } from '../../apiserver/registry/registries.ts'
import type { UserInfo } from '../../apiserver/request-context.ts'
import { mastersGroup } from '../../apiserver/authorization/authorizer.ts'
import { assert } from '../../base/assert.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { SyncerClients } from '../../syncer/syncer-parts.ts'

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

export function syncerClients(registries: Registries): SyncerClients {
  const group = 'external-secrets.io'
  return {
    externalSecrets: clientOf(registries, group, 'externalsecrets'),
    secretStores: clientOf(registries, group, 'secretstores'),
    clusterSecretStores: clientOf(registries, group, 'clustersecretstores'),
    secrets: clientOf(registries, '', 'secrets'),
    configMaps: clientOf(registries, '', 'configmaps'),
    namespaces: clientOf(registries, '', 'namespaces'),
    serviceAccounts: clientOf(registries, '', 'serviceaccounts'),
    generators: (plural) => clientOf(registries, generatorGroup, plural),
    events: clientOf(registries, '', 'events'),
  }
}

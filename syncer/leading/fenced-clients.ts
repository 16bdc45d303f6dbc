import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { serviceUnavailable } from '../../machinery/status-errors.ts'
import type { SyncerClients } from '../syncer-parts.ts'
import type { GroupVersionKind, TargetResource } from '../target/target-resource.ts'

/**
 * Every client of the syncer, whose writes are begun only while `mayWrite` says so: whoever has lost the lead may not
 * know it yet, and must not write over the one that has it now. Status and events are writes, too. It is asked twice,
 * since a write may have to wait for its turn to go out, and the process may be stopped where it stands meanwhile.
 */
export function fencedClients(clients: SyncerClients, mayWrite: () => boolean): SyncerClients {
  const { targetResources } = clients
  const fencedResource = async (kind: GroupVersionKind): Promise<TargetResource | undefined> => {
    const resource = await targetResources?.(kind)
    return resource && { ...resource, client: fencedClient(resource.client, mayWrite) }
  }
  return {
    ...clients,
    ...(targetResources && { targetResources: fencedResource }),
    externalSecrets: fencedClient(clients.externalSecrets, mayWrite),
    secretStores: fencedClient(clients.secretStores, mayWrite),
    clusterSecretStores: fencedClient(clients.clusterSecretStores, mayWrite),
    secrets: fencedClient(clients.secrets, mayWrite),
    configMaps: fencedClient(clients.configMaps, mayWrite),
    namespaces: fencedClient(clients.namespaces, mayWrite),
    events: fencedClient(clients.events, mayWrite),
    generatorStates: fencedClient(clients.generatorStates, mayWrite),
    generators: (plural) => fencedClient(clients.generators(plural), mayWrite),
  }
}

function fencedClient<T extends KubeObject>(client: ResourceClient<T>, mayWrite: () => boolean): ResourceClient<T> {
  const begins = (): void => {
    if (!mayWrite()) throw serviceUnavailable('this process does not lead, and writes nothing')
  }
  const fenced = async <R>(write: () => Promise<R>): Promise<R> => {
    begins()
    return write()
  }
  return {
    get: (at, options) => client.get(at, options),
    list: (scope, options) => client.list(scope, options),
    watch: (scope, signal) => client.watch(scope, signal),
    create: (object, options) => fenced(() => client.create(object, options && { ...options, begins })),
    update: (object, options) => fenced(() => client.update(object, options && { ...options, begins })),
    updateStatus: (object, options) => fenced(() => client.updateStatus(object, options && { ...options, begins })),
    delete: (at, options) => fenced(() => client.delete(at, { ...options, begins })),
  }
}

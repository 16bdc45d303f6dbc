import { isStatusReason } from '../../machinery/status.ts'
import type { NamespaceState } from '../admission/namespace-lifecycle.ts'
import type { Registries } from './registries.ts'

/** Looks namespaces up among the kinds that this server itself serves. */
export function namespaceStates(registries: Registries): (namespace: string) => Promise<NamespaceState> {
  return async (namespace) => {
    try {
      const item = await registries.find('', 'namespaces')?.get({ name: namespace })
      if (item === undefined) return undefined
      return item.value.object.metadata.deletionTimestamp === undefined ? 'active' : 'terminating'
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return undefined
      throw error
    }
  }
}

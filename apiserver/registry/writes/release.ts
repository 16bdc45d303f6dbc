import type { ObjectName } from '../../../machinery/client.ts'
import { isStorageError } from '../../../storage/errors.ts'
import type { RegistryParts } from '../registry-parts.ts'
import { storeKey } from '../store-key.ts'

/** Removes a deleted object that no finalizer holds; whatever else is there now stays. */
export async function releaseObject(parts: RegistryParts, at: ObjectName, uid: string): Promise<void> {
  const key = storeKey(parts.kind, at)
  for (;;) {
    const live = await parts.storage.get(key)
    const metadata = live?.value.object.metadata
    if (live === undefined || metadata?.uid !== uid || metadata.deletionTimestamp === undefined) return
    if ((metadata.finalizers ?? []).length > 0) return
    try {
      await parts.storage.remove(key, live.revision)
      return
    } catch (error) {
      if (isStorageError(error, 'key-missing')) return
      if (!isStorageError(error, 'conflict')) throw error
    }
  }
}

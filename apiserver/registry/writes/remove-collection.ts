import { isStatusReason } from '../../../machinery/status.ts'
import { listObjects, type ListRequest, type ObjectPage } from '../reads/list.ts'
import type { RegistryParts } from '../registry-parts.ts'
import { type Deletion, removeObject } from './remove.ts'

export interface CollectionRequest {
  readonly list: ListRequest
  readonly deletion: Deletion
}

/**
 * Deletes what the list shows, one by one, and answers the list as it was. An object that is gone by then does not
 * matter; the first other refusal ends it. An old state (`exact`) is deleted only as far as it is still the state.
 */
export async function removeCollection(parts: RegistryParts, request: CollectionRequest): Promise<ObjectPage> {
  const { list, deletion } = request
  const page = await listObjects(parts, list)
  const isOldState = list.at?.kind === 'exact'
  for (const item of page.items) {
    const { namespace, name = '' } = item.value.object.metadata
    const at = { name, ...(namespace !== undefined && { namespace }) }
    const preconditions = isOldState ? { resourceVersion: String(item.revision) } : deletion.preconditions
    try {
      await removeObject(parts, at, { ...deletion, preconditions })
    } catch (error) {
      if (!isStatusReason(error, 'NotFound')) throw error
    }
  }
  return page
}

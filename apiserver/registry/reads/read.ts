import type { ObjectName } from '../../../machinery/client.ts'
import { notFound } from '../../../machinery/status-errors.ts'
import { isStorageError } from '../../../storage/errors.ts'
import type { Freshness, Item } from '../../../storage/storage.ts'
import type { RegistryParts } from '../registry-parts.ts'
import { storeKey } from '../store-key.ts'
import type { Stored } from '../stored.ts'
import { tooLarge } from './revision.ts'

/** How new an answer must be: absent is `latest`. */
export type ReadVersion = Freshness

export async function readObject(
  parts: RegistryParts,
  at: ObjectName,
  version: ReadVersion = { kind: 'latest' },
): Promise<Item<Stored>> {
  try {
    const found = parts.storage.get(storeKey(parts.kind, at), version)
    const item = found instanceof Promise ? await found : found
    if (item !== undefined) return item
  } catch (error) {
    if (isStorageError(error, 'future') && version.kind === 'at-least') throw await tooLarge(parts, version.revision)
    throw error
  }
  throw notFound(parts.resource, at.name)
}

import type { Change } from './backend.ts'
import type { Item, ItemChange, Key } from './storage.ts'

/** Brings `items` up to date and tells what changed, with what stood there before. */
export function applyChanges<T>(
  items: Map<Key, Item<T>>,
  changes: readonly Change[],
  decode: (bytes: Uint8Array) => T,
): readonly ItemChange<T>[] {
  return changes.flatMap((change): ItemChange<T>[] => {
    const { key, revision } = change
    const previous = items.get(key)
    if (change.type === 'put') {
      const item = { key, value: decode(change.value), revision }
      items.set(key, item)
      return [{ type: 'put', item, previous }]
    }
    if (!previous) return []
    items.delete(key)
    return [{ type: 'remove', item: { ...previous, revision }, previous }]
  })
}

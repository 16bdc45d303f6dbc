import type { Change } from './backend.ts'
import type { Item, ItemChange, Key } from './storage.ts'

/** Brings `items` up to date and tells what changed, with what stood there before; nothing where nothing did. */
export function applyChange<T>(
  items: Map<Key, Item<T>>,
  change: Change,
  decode: (bytes: Uint8Array) => T,
): ItemChange<T> | undefined {
  const { key, revision } = change
  const previous = items.get(key)
  if (change.type === 'put') {
    const item = { key, value: decode(change.value), revision }
    items.set(key, item)
    return { type: 'put', item, previous }
  }
  if (!previous) return undefined
  items.delete(key)
  return { type: 'remove', item: { ...previous, revision }, previous }
}

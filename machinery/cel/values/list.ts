import { List } from './value.ts'
import type { Value } from './value.ts'

export function listOf(items: readonly Value[], identity?: (item: Value) => string): List {
  return new List(items.length, (index) => items[index] ?? null, identity)
}

/** Nothing is copied: a sum costs the same however long its parts are. */
export function joinedLists(left: List, right: List): List {
  if (left.identity !== undefined) return union(left, right, left.identity)
  if (left.size === 0) return right
  const at = (index: number): Value => (index < left.size ? left.at(index) : right.at(index - left.size))
  return new List(left.size + right.size, at)
}

/** Items of the left keep their places and take the values of the right; what only the right has follows. */
function union(left: List, right: List, identity: (item: Value) => string): List {
  const items = new Map<string, Value>()
  for (const item of left) items.set(identity(item), item)
  for (const item of right) items.set(identity(item), item)
  return listOf([...items.values()], identity)
}

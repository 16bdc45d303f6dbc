import type { Key, KeyRange } from './backend.ts'
import { compareKeys } from './key-order.ts'

const spliceMax = 16

/**
 * A set of keys that can be read in order.
 *
 * Invariants:
 * 1. `#sorted` is strictly ascending.
 * 2. `#added` holds keys that are not in `#sorted`, `#removed` keys that are; the set is sorted + added - removed.
 * 3. Reads settle first: few pending changes are spliced in, many are merged in one pass. So a bulk of n costs
 *    n log n and not n squared, and a list between two single writes costs two splices.
 */
export class OrderedKeys {
  #sorted: Key[] = []
  readonly #added = new Set<Key>()
  readonly #removed = new Set<Key>()

  /** `key` must be absent. */
  add(key: Key): void {
    if (!this.#removed.delete(key)) this.#added.add(key)
  }

  /** `key` must be present. */
  delete(key: Key): void {
    if (!this.#added.delete(key)) this.#removed.add(key)
  }

  /** The keys of the range, at most `limit` of them. */
  slice(range: KeyRange, limit = Number.POSITIVE_INFINITY): readonly Key[] {
    this.#settle()
    const first = lowerBound(this.#sorted, range.start)
    const last = lowerBound(this.#sorted, range.end)
    return this.#sorted.slice(first, Math.min(last, first + limit))
  }

  count(range: KeyRange): number {
    this.#settle()
    return Math.max(0, lowerBound(this.#sorted, range.end) - lowerBound(this.#sorted, range.start))
  }

  #settle(): void {
    const pending = this.#added.size + this.#removed.size
    if (pending === 0) return
    if (pending <= spliceMax) this.#splice()
    else this.#sorted = mergeSorted(this.#kept(), [...this.#added].sort(compareKeys))
    this.#added.clear()
    this.#removed.clear()
  }

  #splice(): void {
    for (const key of this.#removed) this.#sorted.splice(lowerBound(this.#sorted, key), 1)
    for (const key of this.#added) this.#sorted.splice(lowerBound(this.#sorted, key), 0, key)
  }

  #kept(): Key[] {
    if (this.#removed.size === 0) return this.#sorted
    return this.#sorted.filter((key) => !this.#removed.has(key))
  }
}

/** Both ascending and disjoint. */
export function mergeSorted(left: readonly Key[], right: readonly Key[]): Key[] {
  const merged: Key[] = []
  let taken = 0
  for (const key of left) {
    for (let next = right[taken]; next !== undefined && compareKeys(next, key) < 0; next = right[taken]) {
      merged.push(next)
      taken++
    }
    merged.push(key)
  }
  for (const key of right.slice(taken)) merged.push(key)
  return merged
}

function lowerBound(keys: readonly Key[], wanted: Key): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const key = keys[middle]
    if (key !== undefined && compareKeys(key, wanted) < 0) low = middle + 1
    else high = middle
  }
  return low
}

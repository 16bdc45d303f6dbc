import { StorageError } from './errors.ts'
import { compareKeys, inRange, rangeBehind } from './key-order.ts'
import { applyChange } from './apply-change.ts'
import type { Clock } from '../base/clock.ts'
import type { ChangeBatch, Page } from './backend.ts'
import { OrderedKeys, mergeSorted } from './ordered-keys.ts'
import { Progress } from './progress.ts'
import { RevisionWindow } from './revision-window.ts'
import type { Item, ItemChange, Key, KeyRange, ListPage, Revision, WatchBatch } from './storage.ts'

export interface HistoryLimits {
  /** Changes kept for watches, pages and exact lists: at most this many, ... */
  readonly historyCountMax: number
  /** ... of at most so many bytes, ... */
  readonly historyBytesMax: number
  /** ... and none older than this. */
  readonly historyMs: number
}

export interface WatchCacheOptions<T> extends HistoryLimits {
  readonly clock: Clock
  /** How long a read waits for a revision that has not come yet. */
  readonly freshnessWaitMs: number
  readonly decode: (bytes: Uint8Array) => T
}

export interface CacheListOptions<T> {
  readonly at: Revision
  readonly after?: Key
  readonly limit?: number
  readonly matches?: (item: Item<T>) => boolean
}

/** Watches that lag behind each other have little in common. */
const sharedBatchesMax = 16

/**
 * The objects of a range in memory, with the changes that led there. One loading fills it, one watch of the backend
 * feeds it, and every reader of the resource is served from it.
 *
 * Invariants:
 * 1. `#items` and `#keys` hold the same keys: the state at `progress`.
 * 2. `#history` holds every change of (`#history.start`, `progress`]. Undoing the changes behind R, newest first, leads
 *    from the state at `progress` to the state at R.
 * 3. A watch has a position and no queue; the history is everyone's queue. One that falls out of it ends with
 *    `compacted`, and one that nobody reads holds nothing.
 * 4. `end` is final: waiting readers get its error, and so do watches, unless it says that the store was closed.
 */
export class WatchCache<T> {
  readonly #options: WatchCacheOptions<T>
  readonly #items = new Map<Key, Item<T>>()
  readonly #keys = new OrderedKeys()
  readonly #history: RevisionWindow<Remembered<T>>
  #historyBytes = 0
  /** Given out since the last change. */
  readonly #shared: SharedBatch<T>[] = []
  readonly #progress: Progress
  #ended: StorageError | undefined

  constructor(page: Page, options: WatchCacheOptions<T>) {
    this.#options = options
    this.#history = new RevisionWindow(page.revision)
    this.#progress = new Progress(page.revision, { clock: options.clock, waitMs: options.freshnessWaitMs })
    for (const { key, value, revision } of page.entries) {
      this.#items.set(key, { key, value: options.decode(value), revision })
      this.#keys.add(key)
    }
  }

  get revision(): Revision {
    return this.#progress.revision
  }

  apply(batch: ChangeBatch): void {
    const atMs = this.#options.clock.monotonic()
    for (const each of batch.changes) {
      const change = applyChange(this.#items, each, this.#options.decode)
      if (!change) continue
      if (change.type === 'remove') this.#keys.delete(change.item.key)
      else if (!change.previous) this.#keys.add(change.item.key)
      const bytes = each.type === 'put' ? each.value.length : 0
      this.#history.push({ change, revision: change.item.revision, atMs, bytes })
      this.#historyBytes += bytes
    }
    this.#forget(atMs)
    this.#shared.length = 0
    this.#progress.advance(batch.progress)
  }

  end(error: StorageError): void {
    this.#ended = error
    this.#progress.end(error)
  }

  /** Rejects with `future` when the cache does not come that far in time. */
  reached(revision: Revision): Promise<void> {
    return this.#ended ? Promise.reject(this.#ended) : this.#progress.reached(revision)
  }

  get(key: Key): Item<T> | undefined {
    return this.#items.get(key)
  }

  /** The object as the write at `revision` left it, or as the deletion there found it. */
  written(key: Key, revision: Revision): Item<T> | undefined {
    const current = this.#items.get(key)
    if (current?.revision === revision) return current
    return this.#history.find(revision)?.change.item
  }

  /** A page of the state at `at`; rejects with `compacted` or `future` where that cannot be shown. */
  list(range: KeyRange, options: CacheListOptions<T>): ListPage<T> {
    const { at, after, matches, limit = Number.POSITIVE_INFINITY } = options
    this.#assertShows(at)
    const rest = rangeBehind(range, after)
    const undone = this.#undone(rest, at)
    if (undone.size > 0) return pageOf(this.#restored(rest, undone), { at, limit, matches })
    if (matches || limit === Number.POSITIVE_INFINITY) return pageOf(this.#current(rest), { at, limit, matches })
    const page = pageOf(this.#current(rest, limit + 1), { at, limit })
    return page.next ? { ...page, remaining: this.#keys.count(rest) - limit } : page
  }

  async *watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncGenerator<WatchBatch<T>> {
    const bell = this.#progress.bell(signal)
    try {
      for (let position = after; !signal.aborted && this.#ended?.code !== 'unavailable'; ) {
        this.#assertShows(position)
        if (this.revision > position) {
          const batch = this.#batchAfter(position, range)
          position = batch.progress
          yield batch
        } else await bell.rung()
      }
    } finally {
      bell.end()
    }
  }

  /** The same one for all who came as far in the same range: crowds of watchers move in step. */
  #batchAfter(position: Revision, range: KeyRange): WatchBatch<T> {
    for (const { after, start, end, batch } of this.#shared) {
      if (after === position && start === range.start && end === range.end) return batch
    }
    const changes: ItemChange<T>[] = []
    for (const { change } of this.#history.after(position)) if (inRange(range, change.item.key)) changes.push(change)
    const batch = { changes, progress: this.revision }
    if (this.#shared.length < sharedBatchesMax) this.#shared.push({ ...range, after: position, batch })
    return batch
  }

  #assertShows(revision: Revision): void {
    if (this.#ended) throw this.#ended
    if (revision < this.#history.start)
      throw new StorageError('compacted', `revision ${revision}, the oldest is ${this.#history.start}`)
    if (revision > this.revision)
      throw new StorageError('future', `revision ${revision}, the newest is ${this.revision}`)
  }

  #forget(nowMs: number): void {
    const { historyCountMax, historyBytesMax, historyMs } = this.#options
    for (let oldest = this.#history.oldest(); oldest; oldest = this.#history.oldest()) {
      const isRoom = this.#history.length <= historyCountMax && this.#historyBytes <= historyBytesMax
      if (isRoom && nowMs - oldest.atMs <= historyMs) return
      this.#history.dropOldest()
      this.#historyBytes -= oldest.bytes
    }
  }

  #current(range: KeyRange, limit?: number): Item<T>[] {
    return this.#itemsOf(this.#keys.slice(range, limit))
  }

  /** Thousands at once, in one go: flatMap takes five times as long. */
  #itemsOf(keys: readonly Key[], undone?: ReadonlyMap<Key, Item<T> | undefined>): Item<T>[] {
    const items: Item<T>[] = []
    for (const key of keys) {
      const item = undone?.get(key) ?? this.#items.get(key)
      if (item !== undefined) items.push(item)
    }
    return items
  }

  /** What the keys that changed behind `at` held then. */
  #undone(range: KeyRange, at: Revision): Map<Key, Item<T> | undefined> {
    const undone = new Map<Key, Item<T> | undefined>()
    for (const { change } of this.#history.after(at).toReversed()) {
      if (inRange(range, change.item.key)) undone.set(change.item.key, change.previous)
    }
    return undone
  }

  #restored(range: KeyRange, undone: ReadonlyMap<Key, Item<T> | undefined>): Item<T>[] {
    const untouched = this.#keys.slice(range).filter((key) => !undone.has(key))
    const restored = [...undone].flatMap(([key, item]) => (item ? [key] : [])).sort(compareKeys)
    return this.#itemsOf(mergeSorted(untouched, restored), undone)
  }
}

interface Remembered<T> {
  readonly revision: Revision
  readonly change: ItemChange<T>
  readonly atMs: number
  /** Of what was put. */
  readonly bytes: number
}

interface SharedBatch<T> extends KeyRange {
  readonly after: Revision
  readonly batch: WatchBatch<T>
}

interface PageRequest<T> {
  readonly at: Revision
  readonly limit: number
  readonly matches?: ((item: Item<T>) => boolean) | undefined
}

/** Cuts the page from all that follows. */
function pageOf<T>(items: readonly Item<T>[], { at, limit, matches }: PageRequest<T>): ListPage<T> {
  const matching = matches ? items.filter(matches) : items
  if (matching.length <= limit) return { items: matching, revision: at }
  const page = matching.slice(0, limit)
  const last = page.at(-1)
  if (!last) return { items: page, revision: at }
  return { items: page, revision: at, next: last.key, ...(!matches && { remaining: matching.length - limit }) }
}

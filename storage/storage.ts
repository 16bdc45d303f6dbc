import type { MaybePromise } from '../base/waiting/maybe-promise.ts'
import type { Key, KeyRange, Revision } from './backend.ts'

export type { Key, KeyRange, Revision } from './backend.ts'
export { type ContinuePoint, decodeContinueToken, encodeContinueToken } from './continue-token.ts'

/**
 * The door of storage: the objects of one resource as `T`, with revisions. Outsiders know this file and errors.ts. Not
 * here: kinds, versions, validation, selectors as text. The direct store and the cached store both pass
 * `conformance/storage-suite.ts`.
 *
 * 1. All promises of `Backend` (backend.ts) hold for objects as well.
 * 2. An `Item` never changes, and nobody may change one. The cached store answers the same `Item` for the same object
 *    at the same revision, in reads, watches and as the answer of the write: identity may serve as a cache key.
 * 3. A read with `latest` sees every write acknowledged before the call began.
 * 4. A list is one consistent state, over all its pages: page two of revision R shows R, or fails with `compacted`.
 * 5. A watch holds a position and no queue. Its changes wait in the history, which is bounded by count, bytes and age:
 *    a consumer that falls out of it gets `compacted` at its next read, as one that resumes too late does.
 * 6. While the store is being loaded, or is closed, everything rejects with `unavailable`.
 */
export interface Storage<T> extends AsyncDisposable {
  /** Rejects with `key-exists`. */
  create(key: Key, value: T): Promise<Item<T>>
  /** Rejects with `key-missing`, or with `conflict` when the stored revision is not `expected`. */
  replace(key: Key, value: T, expected: Revision): Promise<Item<T>>
  /** Answers the last state with the revision of its deletion. Rejects with `key-missing` or `conflict`. */
  remove(key: Key, expected: Revision): Promise<Item<T>>
  get(key: Key, freshness?: Freshness): MaybePromise<Item<T> | undefined>
  list(range: KeyRange, options: ListOptions<T>): Promise<ListPage<T>>
  /**
   * Every change of the range after `after`, in order, none lost or repeated; `progress` moves on without changes.
   * Rejects with `compacted` when history from `after` on is gone, and with `future` when it has not happened. Ends
   * without an error when the signal aborts.
   */
  watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncIterable<WatchBatch<T>>
  /** Not below the revision of any write acknowledged before the call. */
  currentRevision(): Promise<Revision>
}

/** How objects become bytes. `decode` rejects bytes that `encode` cannot have written. */
export interface Codec<T> {
  encode(value: T): Uint8Array
  decode(bytes: Uint8Array): T
}

/**
 * `latest`: as if read from the log. `any`: whatever is at hand. `at-least`: any state not older, waiting for it for a
 * bounded time (`future` when it does not come).
 */
export type Freshness =
  | { readonly kind: 'latest' }
  | { readonly kind: 'any' }
  | { readonly kind: 'at-least'; readonly revision: Revision }

export interface Item<T> {
  readonly key: Key
  readonly value: T
  readonly revision: Revision
}

export interface ListOptions<T> {
  /** `exact` rejects with `compacted` or `future` where that state cannot be shown. */
  readonly at: Freshness | { readonly kind: 'exact'; readonly revision: Revision }
  /** Starts behind this key: the continuation of an earlier page, together with `exact`. */
  readonly after?: Key
  /** At least 1. Absent: everything. */
  readonly limit?: number
  /** Items that do not match neither count nor appear. */
  readonly matches?: (item: Item<T>) => boolean
}

export interface ListPage<T> {
  readonly items: readonly Item<T>[]
  readonly revision: Revision
  /** Present when more may follow: the key to continue behind. */
  readonly next?: Key
  /** How many follow, where that is known (never with `matches`). */
  readonly remaining?: number
}

export type ItemChange<T> =
  | { readonly type: 'put'; readonly item: Item<T>; readonly previous: Item<T> | undefined }
  /** `item` is the last state under the revision of the deletion. */
  | { readonly type: 'remove'; readonly item: Item<T>; readonly previous: Item<T> }

export interface WatchBatch<T> {
  readonly changes: readonly ItemChange<T>[]
  readonly progress: Revision
}

/**
 * Bytes under keys, with revisions: what the embedded log, the host cluster and etcd implement. Not here: objects,
 * selectors, history for paging (the watch cache keeps it), encryption and identity (decorators).
 *
 * What every implementation promises, and `conformance/backend-suite.ts` checks:
 * 1. A write that was acknowledged is durable, and no watcher sees a change before it is durable.
 * 2. Revisions grow and never repeat, over restarts too: one sequence per store, with gaps where the store is shared.
 * 3. `watch` gives every change of the range after `after`, in order, none lost or repeated. Its `progress` moves on
 *    without changes. It ends with StorageError `compacted` where history is gone.
 * 4. `barrier` answers a revision that is not below any write acknowledged before the call, and the range's watches
 *    report progress at or above it soon. A consistent list is: barrier, wait for the cache to reach it, answer.
 * 5. `remove` answers the revision of the deletion.
 * 6. A rejected write was not made, except with the code `unavailable`: then nobody knows.
 */
export interface Backend extends AsyncDisposable {
  /** Rejects with `key-exists`. */
  create(key: Key, value: Uint8Array): Promise<Revision>
  /** Rejects with `key-missing`, or with `conflict` when the key's revision is not `expected`. */
  replace(key: Key, value: Uint8Array, expected: Revision): Promise<Revision>
  /** Rejects with `key-missing` or `conflict`. */
  remove(key: Key, expected: Revision): Promise<Revision>
  get(key: Key): Promise<Entry | undefined>
  /** A page in key order from one consistent state; `revision` is that state's. */
  list(range: KeyRange, options: ListRequest): Promise<Page>
  /**
   * Rejects with `future` when `after` has not happened. Reads no faster than its consumer: one that stops reading
   * holds nothing but its position. Ends without an error when the signal aborts.
   */
  watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncIterable<ChangeBatch>
  barrier(range: KeyRange): Promise<Revision>
  /**
   * Not below any write to the range acknowledged before the call: a cache that has come there is as good as new,
   * however far the log has come. Nobody is told; where the store cannot say it at once, a barrier is asked for.
   */
  changedAt?(range: KeyRange): Revision | undefined
  /** Why nothing can be written any more, for readiness; undefined while all is well. Asks nobody. */
  failure?(): string | undefined
  /** The oldest revision that `list` can show and `watch` can start from; absent where a store keeps no history. */
  oldest?(): Promise<Revision>
  /**
   * Forgets what only states before `before` need, in bounded batches, never past a live watch (unless that lags more
   * than a stated maximum, and is then told `compacted`). Answers how far it came: the new `oldest`.
   */
  compact?(before: Revision): Promise<Revision>
  /**
   * Goes on behind `revision`, which is not below the last one, and forgets the history up to there: it is the new
   * `oldest`. Watches from before end with `compacted`. Absent where the revisions are not the store's own.
   */
  resumeAbove?(revision: Revision): Promise<void>
  /** One state in pages, read as fast as they are asked for. Ends with `compacted` when it fell too far back. */
  pages?(): AsyncGenerator<StatePage>
  /**
   * Puts another state in the place of the present one, whole or not at all: each entry at a revision of its own above
   * all that were given, the history forgotten, watches from before ended with `compacted`. No write comes in between.
   * Answers the last of those revisions.
   */
  replaceAll?(replacement: Replacement): Promise<Revision>
}

export interface StatePage {
  readonly entries: readonly Entry[]
  readonly revision: Revision
  /** Of all pages together. */
  readonly total: number
}

export interface Replacement {
  /** At most so many entries are decided on. */
  readonly countMax: number
  /** What is to be there; what it throws refuses, and nothing was touched. */
  readonly decide: (present: readonly Entry[]) => readonly NewEntry[]
  /** Above this one too, which was given by a store whose place this one takes. */
  readonly above?: Revision
}

export type NewEntry = Pick<Entry, 'key' | 'value'>

export interface ListRequest {
  readonly limit: number
  /** The state at this revision instead of the newest: rejects with `compacted` or `future` where it is not there. */
  readonly at?: Revision
}

/** `/<group>/<resource>/<namespace>/<name>`, or without the namespace; at most 1,000 bytes of UTF-8, in their order. */
export type Key = string & { readonly brand: 'Key' }

/** A place in the store's one sequence of writes; the first write is 1. Below 2^53. */
export type Revision = number & { readonly brand: 'Revision' }

/** Keys from `start` (included) to `end` (excluded). */
export interface KeyRange {
  readonly start: Key
  readonly end: Key
}

export interface Entry {
  readonly key: Key
  readonly value: Uint8Array
  readonly revision: Revision
}

export interface Page {
  readonly entries: readonly Entry[]
  readonly revision: Revision
  /** More keys follow the last entry. */
  readonly more: boolean
  /** The range has had no change behind `revision` up to here: a watch may as well go on from here. */
  readonly unchangedUntil?: Revision
}

export type Change =
  | { readonly type: 'put'; readonly key: Key; readonly value: Uint8Array; readonly revision: Revision }
  | { readonly type: 'remove'; readonly key: Key; readonly revision: Revision }

export interface ChangeBatch {
  readonly changes: readonly Change[]
  /** Every change of the range up to this revision has been given. */
  readonly progress: Revision
}

import type { Key, KeyRange, Revision } from '../backend.ts'

/**
 * The disk below the revision log: a log of records by revision, the newest revision of each key, and a few named
 * facts, all changed together. Not here: what a record means, who may write, who watches.
 *
 * 1. A batch is applied whole or not at all, over a crash too.
 * 2. `commit` resolves when the batch is durable, and only then do reads show it. The caller waits before the next one.
 * 3. `commit` rejects with `full` when there was no room: nothing was made and later batches are welcome. It rejects
 *    with `unavailable` when nobody knows; every later call rejects the same way, until the store is opened afresh.
 */
export interface Engine extends AsyncDisposable {
  commit(batch: EngineBatch): Promise<void>
  /** Runs `look` on one consistent state. It must be synchronous and keep no view. */
  read<R>(look: (view: EngineView) => R): R
  /** Why every call rejects from now on; undefined while all is well, absent where that cannot come. */
  failure?(): string | undefined
}

export interface EngineBatch {
  /** Ascending and above every revision in the log. */
  readonly append?: readonly LogEntry[]
  readonly forget?: readonly Revision[]
  /** The new revision of each key; undefined where the key is gone. */
  readonly current?: ReadonlyMap<Key, Revision | undefined>
  readonly facts?: ReadonlyMap<FactName, Uint8Array>
}

export interface EngineView {
  record(revision: Revision): Uint8Array | undefined
  /** In order, behind `after`, at most `limit` of them. */
  records(after: Revision, limit: number): readonly LogEntry[]
  /** The highest revision in the log, 0 when it is empty. */
  lastRevision(): Revision
  revisionOf(key: Key): Revision | undefined
  keys(range: KeyRange, limit: number): readonly CurrentEntry[]
  fact(name: FactName): Uint8Array | undefined
}

export type FactName = 'compacted'

export interface LogEntry {
  readonly revision: Revision
  readonly bytes: Uint8Array
}

export interface CurrentEntry {
  readonly key: Key
  readonly revision: Revision
}

export const wholeRange: KeyRange = { start: '\0' as Key, end: '\u{10ffff}' as Key }

import { Bell } from '../../base/bell.ts'
import type { Change, ChangeBatch, KeyRange, Revision } from '../backend.ts'
import { StorageError } from '../errors.ts'
import { inRange } from '../key-order.ts'
import { RevisionWindow } from '../revision-window.ts'
import type { Engine } from './engine.ts'
import { decodeLogRecord, type LogRecord } from './log-record.ts'

const batchMax = 1024

/**
 * Reads the durable log for watches. A watch has no queue: it has a position and reads on when it is asked to, from
 * the tail in memory or, when it is further behind, from the engine.
 *
 * Invariants:
 * 1. `#tail` holds the records of (`#tail.start`, `revision`]; all of them are durable.
 * 2. No record above `oldest` was deleted from the log, and no earlier state than the one at `oldest` is promised.
 * 3. A watch at position p has given every change of its range up to p; positions only grow.
 */
export class WatchHub {
  readonly #engine: Engine
  readonly #options: WatchHubOptions
  #tail: RevisionWindow<LogRecord>
  readonly #bell = new Bell()
  readonly #positions = new Map<symbol, Revision>()
  #tailBytes = 0
  #closed = false
  #revision: Revision
  #oldest: Revision

  constructor(engine: Engine, options: WatchHubOptions) {
    this.#engine = engine
    this.#options = options
    this.#revision = options.revision
    this.#oldest = options.oldest
    const tailStart = Math.max(options.oldest, options.revision - options.tailCountMax) as Revision
    this.#tail = new RevisionWindow<LogRecord>(tailStart)
    this.#remember(this.#readLog(tailStart, options.tailCountMax))
  }

  get revision(): Revision {
    return this.#revision
  }

  get oldest(): Revision {
    return this.#oldest
  }

  /** The next durable records. */
  push(records: readonly LogRecord[]): void {
    this.#remember(records)
    this.#revision = records.at(-1)?.revision ?? this.#revision
    this.#bell.ring()
  }

  /** What was is history that nobody can be shown, and the next records follow `revision`. */
  resumeAbove(revision: Revision): void {
    this.#tail = new RevisionWindow<LogRecord>(revision)
    this.#tailBytes = 0
    this.#oldest = revision
    this.#revision = revision
    this.#bell.ring()
  }

  /** To be called before anything is deleted: from here on nobody starts from below `oldest`. */
  forget(oldest: Revision): void {
    this.#oldest = oldest
  }

  /** The position of the live watch that is furthest behind, of those that lag at most `lagMax`. */
  slowest(lagMax: number): Revision {
    const tooFar = this.#revision - lagMax
    return Math.min(
      this.#revision,
      ...[...this.#positions.values()].filter((position) => position >= tooFar),
    ) as Revision
  }

  /** In order, behind `after`. */
  recordsAfter(after: Revision, limit: number): readonly LogRecord[] {
    this.assertShows(after)
    return after >= this.#tail.start ? this.#tail.after(after, limit) : this.#readLog(after, limit)
  }

  /** As long as it is not let go, compaction stops there as at the position of a watch. */
  hold(revision: Revision): () => void {
    const hold = Symbol('hold')
    this.#positions.set(hold, revision)
    return () => this.#positions.delete(hold)
  }

  assertShows(revision: Revision): void {
    if (revision < this.#oldest)
      throw new StorageError('compacted', `revision ${revision}, the oldest is ${this.#oldest}`)
    if (revision > this.#revision)
      throw new StorageError('future', `revision ${revision}, the newest is ${this.#revision}`)
  }

  async *watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncGenerator<ChangeBatch> {
    const watch = Symbol('watch')
    this.assertShows(after)
    try {
      this.#positions.set(watch, after)
      for (let position = after; !signal.aborted && !this.#closed; ) {
        const records = this.recordsAfter(position, batchMax)
        const progress = records.at(-1)?.revision ?? this.#revision
        if (progress > position) {
          position = progress
          this.#positions.set(watch, position)
          yield { changes: records.filter((record) => inRange(range, record.key)).map(changeOf), progress }
        } else await this.#bell.rung(signal)
      }
    } finally {
      this.#positions.delete(watch)
    }
  }

  close(): void {
    this.#closed = true
    this.#bell.ring()
  }

  #remember(records: readonly LogRecord[]): void {
    for (const record of records) {
      this.#tail.push(record)
      this.#tailBytes += bytesOf(record)
    }
    while (this.#tail.length > this.#options.tailCountMax || this.#tailBytes > this.#options.tailBytesMax) {
      const dropped = this.#tail.dropOldest()
      if (!dropped) return
      this.#tailBytes -= bytesOf(dropped)
    }
  }

  #readLog(after: Revision, limit: number): readonly LogRecord[] {
    const entries = this.#engine.read((view) => view.records(after, limit))
    return entries.map(({ revision, bytes }) => decodeLogRecord(revision, bytes))
  }
}

export interface WatchHubOptions {
  readonly revision: Revision
  readonly oldest: Revision
  readonly tailCountMax: number
  readonly tailBytesMax: number
}

function bytesOf(record: LogRecord): number {
  return record.key.length + (record.type === 'put' ? record.value.length : 0)
}

function changeOf(record: LogRecord): Change {
  const { type, key, revision } = record
  return type === 'put' ? { type, key, revision, value: record.value } : { type, key, revision }
}

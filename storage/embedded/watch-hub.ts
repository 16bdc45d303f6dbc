import type { Clock } from '../../base/clock.ts'
import { WatchBell } from '../../base/waiting/watch-bell.ts'
import type { Change, ChangeBatch, KeyRange, Revision } from '../backend.ts'
import { StorageError } from '../errors.ts'
import { compareKeys, inRange } from '../key-order.ts'
import { RevisionWindow } from '../revision-window.ts'
import type { Engine } from './engine.ts'
import { decodeLogRecord, type LogRecord } from './log/log-record.ts'

const batchMax = 1024

/** A watch in whose range nothing happens hears this late how far the log has come, unless a barrier asks for it. */
const idleProgressMs = 500

/**
 * Reads the durable log for watches. A watch has no queue: it has a position and reads on when it is asked to, from
 * the tail in memory or, when it is further behind, from the engine. A write wakes the watches of its range alone:
 * there is one for each kind, and most of them have nothing to do with it.
 *
 * Invariants:
 * 1. `#tail` holds the records of (`#tail.start`, `revision`]; all of them are durable.
 * 2. No record above `oldest` was deleted from the log, and no earlier state than the one at `oldest` is promised.
 * 3. A watch at position p has given every change of its range up to p; positions only grow. `told` is the progress
 *    that it has given, which may lag behind.
 */
export class WatchHub {
  readonly #engine: Engine
  readonly #options: WatchHubOptions
  #tail: RevisionWindow<LogRecord>
  readonly #watches = new Set<LiveWatch>()
  /** Whom a barrier of a range concerns: every read asks for one. */
  #concerned = new WeakMap<KeyRange, readonly LiveWatch[]>()
  readonly #holds = new Map<symbol, Revision>()
  readonly #closing = new AbortController()
  #isTelling = false
  #tailBytes = 0
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
    const before = this.#revision
    this.#remember(records)
    this.#revision = records.at(-1)?.revision ?? before
    for (const watch of this.#watches) {
      const changed = lastIn(watch.range, records)
      if (changed !== undefined) watch.changed = changed
      if (watch.position === before && changed === undefined) watch.position = this.#revision
      else watch.bell.ring()
    }
    if (!this.#isTelling) void this.#tellLater()
  }

  /** The watches of the range give their progress now. */
  tell(range: KeyRange): void {
    for (const watch of this.#concernedBy(range)) if (watch.told < this.#revision) watch.bell.ring()
  }

  /** Not below the last change of the range; without a watch of exactly this range, the last of all. */
  changedAt(range: KeyRange): Revision {
    for (const watch of this.#concernedBy(range)) if (watch.range === range) return watch.changed
    return this.#revision
  }

  /** What was is history that nobody can be shown, and the next records follow `revision`. */
  resumeAbove(revision: Revision): void {
    this.#tail = new RevisionWindow<LogRecord>(revision)
    this.#tailBytes = 0
    this.#oldest = revision
    this.#revision = revision
    for (const watch of this.#watches) watch.changed = revision
    this.#wakeAll()
  }

  /** To be called before anything is deleted: from here on nobody starts from below `oldest`. */
  forget(oldest: Revision): void {
    this.#oldest = oldest
  }

  /** The position of the live watch that is furthest behind, of those that lag at most `lagMax`. */
  slowest(lagMax: number): Revision {
    const tooFar = this.#revision - lagMax
    const positions = [...this.#holds.values(), ...[...this.#watches].map(({ position }) => position)]
    return Math.min(this.#revision, ...positions.filter((position) => position >= tooFar)) as Revision
  }

  /** In order, behind `after`. */
  recordsAfter(after: Revision, limit: number): readonly LogRecord[] {
    this.assertShows(after)
    return after >= this.#tail.start ? this.#tail.after(after, limit) : this.#readLog(after, limit)
  }

  /** As long as it is not let go, compaction stops there as at the position of a watch. */
  hold(revision: Revision): () => void {
    const hold = Symbol('hold')
    this.#holds.set(hold, revision)
    return () => this.#holds.delete(hold)
  }

  assertShows(revision: Revision): void {
    if (revision < this.#oldest)
      throw new StorageError('compacted', `revision ${revision}, the oldest is ${this.#oldest}`)
    if (revision > this.#revision)
      throw new StorageError('future', `revision ${revision}, the newest is ${this.#revision}`)
  }

  async *watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncGenerator<ChangeBatch> {
    this.assertShows(after)
    const watch = { range, bell: new WatchBell(signal), position: after, told: after, changed: this.#revision }
    try {
      this.#watches.add(watch)
      this.#concerned = new WeakMap()
      while (!signal.aborted && !this.#closing.signal.aborted) {
        const records = watch.position === this.#revision ? [] : this.recordsAfter(watch.position, batchMax)
        watch.position = records.at(-1)?.revision ?? this.#revision
        if (watch.position > watch.told) {
          watch.told = watch.position
          yield { changes: changesIn(range, records), progress: watch.position }
        } else await watch.bell.rung()
      }
    } finally {
      watch.bell.end()
      this.#watches.delete(watch)
      this.#concerned = new WeakMap()
    }
  }

  close(): void {
    this.#closing.abort()
    this.#wakeAll()
  }

  #concernedBy(range: KeyRange): readonly LiveWatch[] {
    const known = this.#concerned.get(range)
    if (known !== undefined) return known
    const concerned = [...this.#watches].filter((watch) => overlap(range, watch.range))
    this.#concerned.set(range, concerned)
    return concerned
  }

  async #tellLater(): Promise<void> {
    this.#isTelling = true
    await this.#options.clock.sleep(idleProgressMs, this.#closing.signal).catch(() => undefined)
    this.#isTelling = false
    this.#wakeAll()
  }

  #wakeAll(): void {
    for (const { bell } of this.#watches) bell.ring()
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

interface LiveWatch {
  readonly range: KeyRange
  /** Rings when there is something to give. */
  readonly bell: WatchBell
  position: Revision
  told: Revision
  /** Not below the last change of its range. */
  changed: Revision
}

export interface WatchHubOptions {
  readonly clock: Clock
  readonly revision: Revision
  readonly oldest: Revision
  readonly tailCountMax: number
  readonly tailBytesMax: number
}

function overlap(left: KeyRange, right: KeyRange): boolean {
  return compareKeys(left.start, right.end) < 0 && compareKeys(right.start, left.end) < 0
}

function bytesOf(record: LogRecord): number {
  return record.key.length + (record.type === 'put' ? record.value.length : 0)
}

function changesIn(range: KeyRange, records: readonly LogRecord[]): readonly Change[] {
  const changes: Change[] = []
  for (const record of records) if (inRange(range, record.key)) changes.push(changeOf(record))
  return changes
}

function changeOf(record: LogRecord): Change {
  const { type, key, revision } = record
  return type === 'put' ? { type, key, revision, value: record.value } : { type, key, revision }
}

function lastIn(range: KeyRange, records: readonly LogRecord[]): Revision | undefined {
  for (let index = records.length - 1; index >= 0; index--) {
    const record = records[index]
    if (record !== undefined && inRange(range, record.key)) return record.revision
  }
  return undefined
}

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Revision } from '../backend.ts'
import { StorageError } from '../errors.ts'
import type { Engine } from './engine.ts'
import { encodeRevision, type LogRecord } from './log/log-record.ts'
import type { WatchHub } from './watch-hub.ts'

const batchMax = 512

export interface Retention {
  /** History younger than this is kept, ... */
  readonly retainMs: number
  /** ... and so are this many revisions, however old, ... */
  readonly retainCount: number
  /** ... but never more than this many, however young. */
  readonly retainCountMax: number
  /** A watch further behind than this many revisions is not waited for. */
  readonly watchLagMax: number
  readonly intervalMs: number
}

/**
 * Deletes from the log what only states before `oldest` need: the predecessor of each record up to there, and the
 * record itself where it is a removal.
 *
 * Invariants:
 * 1. The hub's `oldest` moves first, the deletion follows: who was let in can read on.
 * 2. A deletion and the fact `compacted` are one batch, so that a crash repeats work and loses none.
 * 3. The current record of a key is never deleted: it is nobody's predecessor, and no removal.
 */
export class Compactor {
  readonly #engine: Engine
  readonly #hub: WatchHub
  readonly #options: Retention
  #samples: readonly Sample[] = []

  constructor(engine: Engine, hub: WatchHub, options: Retention) {
    this.#engine = engine
    this.#hub = hub
    this.#options = options
  }

  compact(before: Revision): Promise<Revision> {
    return this.#until(Math.min(before, this.#hub.slowest(this.#options.watchLagMax)) as Revision)
  }

  /** Past live watches as well: those that lag are told `compacted`. */
  async compactAll(): Promise<void> {
    await this.#until(this.#hub.revision)
  }

  async #until(until: Revision): Promise<Revision> {
    while (this.#hub.oldest < until) {
      const records = this.#hub.recordsAfter(this.#hub.oldest, batchMax).filter(({ revision }) => revision <= until)
      const compacted = records.at(-1)?.revision ?? until
      this.#hub.forget(compacted)
      await this.#engine.commit({
        forget: records.flatMap(obsoleteRevisions),
        facts: new Map([['compacted', encodeRevision(compacted)]]),
      })
      await nextTurn()
    }
    return this.#hub.oldest
  }

  /** Keeps to the retention until the signal aborts. */
  async run(clock: Clock, log: Logger, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#sample(clock.monotonic())
      await this.compact(this.#retained(clock.monotonic())).catch((error: unknown) => {
        log.warn('compaction failed', { code: error instanceof StorageError ? error.code : 'unknown' })
      })
      await clock.sleep(this.#options.intervalMs, signal).catch(() => undefined)
    }
  }

  /** Samples older than the newest one that is old enough serve no more. */
  #sample(nowMs: number): void {
    const old = this.#samples.filter(({ atMs }) => nowMs - atMs >= this.#options.retainMs)
    this.#samples = [...this.#samples.slice(Math.max(0, old.length - 1)), { atMs: nowMs, revision: this.#hub.revision }]
  }

  #retained(nowMs: number): Revision {
    const { retainMs, retainCount, retainCountMax } = this.#options
    const oldEnough = this.#samples.findLast(({ atMs }) => nowMs - atMs >= retainMs)?.revision ?? 0
    const newest = this.#hub.revision
    return Math.max(0, newest - retainCountMax, Math.min(oldEnough, newest - retainCount)) as Revision
  }
}

interface Sample {
  readonly atMs: number
  readonly revision: Revision
}

function obsoleteRevisions({ type, previous, revision }: LogRecord): Revision[] {
  return [...(previous > 0 ? [previous] : []), ...(type === 'remove' ? [revision] : [])]
}

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../../base/clock.ts'
import { Mutex } from '../../../base/waiting/mutex.ts'
import type { Key, Revision } from '../../backend.ts'
import { StorageError } from '../../errors.ts'
import { CommitSiblings } from './commit-siblings.ts'
import type { Engine, EngineView } from '../engine.ts'
import { encodeLogRecord, type LogRecord } from './log-record.ts'

const batchMax = 1024

export type Write =
  | { readonly type: 'create'; readonly key: Key; readonly value: Uint8Array }
  | { readonly type: 'replace'; readonly key: Key; readonly value: Uint8Array; readonly expected: Revision }
  | { readonly type: 'remove'; readonly key: Key; readonly expected: Revision }

/**
 * Gives each write its revision and makes it durable. Everything that queues up while a batch is on its way to the
 * disk is the next batch. Where several write again and again, that one waits for all of them (CommitSiblings): a batch
 * costs as much as several writes do. A lone writer waits for nobody.
 *
 * Invariants:
 * 1. One batch is under way at a time: a write is judged against durable state and the writes before it in its batch.
 * 2. A batch takes the revisions behind `revision`, without a gap; `revision` moves when the batch is durable, and by
 *    `alone`.
 * 3. First durable, then shown (`onDurable`), then acknowledged.
 * 4. When a batch fails, all of its writes are refused with the engine's error: also those that lost a race, because
 *    the winner may be among the failed.
 */
export class RevisionLog {
  readonly #engine: Engine
  readonly #options: RevisionLogOptions
  readonly #queue: QueuedWrite[] = []
  #draining: Promise<void> | undefined
  readonly #siblings: CommitSiblings
  readonly #turn = new Mutex()
  #underway: Promise<void> = Promise.resolve()
  #revision: Revision

  constructor(engine: Engine, options: RevisionLogOptions) {
    this.#engine = engine
    this.#options = options
    this.#siblings = new CommitSiblings(options.clock, options.commitDelayMs)
    this.#revision = options.revision
  }

  write(write: Write): Promise<Revision> {
    if (this.#queue.length >= this.#options.queueLengthMax) {
      return Promise.reject(new StorageError('busy', `${this.#queue.length} writes are waiting`))
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ write, resolve, reject })
      this.#siblings.joined(this.#queue)
      this.#draining ??= this.#drain()
    })
  }

  /** Resolves when the batch under way is durable or has failed. */
  get underway(): Promise<void> {
    return this.#underway
  }

  /** Resolves when no write waits any more. */
  get idle(): Promise<void> {
    return Promise.all([this.#draining, this.#underway]).then(() => undefined)
  }

  /** Between two batches; the next write gets a revision above its answer. */
  alone(work: () => Promise<Revision>): Promise<Revision> {
    const done = this.#turn.run(async () => {
      this.#revision = await work()
      return this.#revision
    })
    this.#underway = done.then(
      () => undefined,
      () => undefined,
    )
    return done
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // The rest of this turn's writes, and those of the writers that were just acknowledged, ride along.
      await nextTurn()
      await this.#siblings.gathered(this.#queue)
      const batch = this.#queue.splice(0, batchMax)
      this.#underway = this.#turn.run(() => this.#commit(batch))
      await this.#underway
      this.#siblings.expect(Math.min(batch.length + this.#queue.length, batchMax))
    }
    this.#draining = undefined
  }

  async #commit(queued: readonly QueuedWrite[]): Promise<void> {
    const batch = new PendingBatch(this.#revision)
    try {
      const verdicts = this.#engine.read((view) => queued.map(({ write }) => batch.judge(view, write)))
      await this.#makeDurable(batch)
      queued.forEach((entry, index) => settle(entry, verdicts[index]))
    } catch (error) {
      for (const { reject } of queued) reject(error)
    }
  }

  async #makeDurable(batch: PendingBatch): Promise<void> {
    if (batch.records.length === 0) return
    const append = batch.records.map((record) => ({ revision: record.revision, bytes: encodeLogRecord(record) }))
    await this.#engine.commit({ append, current: batch.current })
    this.#revision = batch.revision
    this.#options.onDurable(batch.records)
  }
}

interface RevisionLogOptions {
  /** The store's last revision. */
  readonly revision: Revision
  readonly queueLengthMax: number
  readonly clock: Clock
  readonly commitDelayMs: number
  readonly onDurable: (records: readonly LogRecord[]) => void
}

interface QueuedWrite {
  readonly write: Write
  readonly resolve: (revision: Revision) => void
  readonly reject: (error: unknown) => void
}

/** The writes of one batch that were accepted so far, on top of the durable state. */
class PendingBatch {
  readonly records: LogRecord[] = []
  readonly current = new Map<Key, Revision | undefined>()
  revision: Revision

  constructor(revision: Revision) {
    this.revision = revision
  }

  judge(view: EngineView, write: Write): Revision | StorageError {
    const { key } = write
    const found = this.current.has(key) ? this.current.get(key) : view.revisionOf(key)
    const refusal = refusalOf(write, found)
    return refusal ? new StorageError(refusal, key) : this.#accept(write, found ?? (0 as Revision))
  }

  #accept(write: Write, previous: Revision): Revision {
    const revision = (this.revision + 1) as Revision
    const { key } = write
    const removed = write.type === 'remove'
    this.records.push(
      removed
        ? { type: 'remove', revision, key, previous }
        : { type: 'put', revision, key, previous, value: write.value },
    )
    this.current.set(key, removed ? undefined : revision)
    this.revision = revision
    return revision
  }
}

function refusalOf(write: Write, found: Revision | undefined): 'key-exists' | 'key-missing' | 'conflict' | undefined {
  if (write.type === 'create') return found === undefined ? undefined : 'key-exists'
  if (found === undefined) return 'key-missing'
  return found === write.expected ? undefined : 'conflict'
}

function settle(queued: QueuedWrite, verdict: Revision | StorageError | undefined): void {
  if (verdict instanceof StorageError || verdict === undefined) queued.reject(verdict)
  else queued.resolve(verdict)
}

import { Alarms } from './alarms.ts'
import { Backoff } from './backoff.ts'
import type { MaybePromise } from '../waiting/maybe-promise.ts'
import type { Clock } from '../clock.ts'
import type { QueueReport } from './queue-metrics.ts'
import { type Work, WorkQueue, type WorkQueueOptions } from './work-queue.ts'

/** What is to be done with a key after it was worked on. */
export type WorkNext =
  | { readonly next: 'later'; readonly atMs: number }
  /** It failed: after a pause that doubles each time, up to its own longest one where it has one. */
  | { readonly next: 'retry'; readonly pauseMaxMs?: number }
  /** Somebody else changed it at the same time: after a blink, and longer when that goes on. */
  | { readonly next: 'again' }
  | { readonly next: 'nothing' }

export interface WorkLoopOptions extends WorkQueueOptions {
  readonly clock: Clock
  /** Lanes of work that an alarm sets going, by why. */
  readonly dueLane: number
  readonly retryLane: number
  readonly retryFirstMs: number
  readonly retryMaxMs: number
  /** How much older than its alarm the things may be that due work reads. */
  readonly sharedAgeMaxMs: number
  readonly work: (work: Work) => MaybePromise<WorkNext>
  /** `work` threw or rejected, which it should not; it is tried again. */
  readonly failed: (work: Work, error: unknown) => void
  readonly report?: QueueReport
}

const againAfterMs = 50

/** A queue, its alarms and its pauses: what is added is worked on, and then when its work says. */
export class WorkLoop {
  readonly #options: WorkLoopOptions
  readonly #queue: WorkQueue
  readonly #alarms: Alarms
  readonly #backoff: Backoff
  readonly #collisions: Backoff
  /** What the alarm of a key puts into the queue. */
  readonly #planned = new Map<string, Work>()
  /** Since when what waits has waited. */
  readonly #addedMs = new Map<string, number>()

  constructor(options: WorkLoopOptions) {
    this.#options = options
    this.#queue = new WorkQueue(options)
    this.#alarms = new Alarms(options.clock)
    this.#backoff = new Backoff({ firstMs: options.retryFirstMs, maxMs: options.retryMaxMs })
    this.#collisions = new Backoff({ firstMs: againAfterMs, maxMs: options.retryMaxMs })
    options.report?.depth(() => this.#queue.length)
  }

  /** Somebody who waits may be given what was read after this moment. */
  get oldestSinceMs(): number {
    return this.#queue.oldestSinceMs
  }

  /** `sinceMs` absent means now. Its alarm would only ask for what is younger, while it waits. */
  add(work: Omit<Work, 'sinceMs'> & { readonly sinceMs?: number }): void {
    this.#unplan(work.key)
    const { clock, report } = this.#options
    const nowMs = clock.monotonic()
    if (!this.#addedMs.has(work.key)) {
      this.#addedMs.set(work.key, nowMs)
      report?.added()
    }
    const { key, lane, shard, group, sinceMs = nowMs } = work
    this.#queue.add({ key, lane, shard, group, sinceMs })
  }

  /** Nothing is left to do for the key. */
  forget(key: string): void {
    this.#queue.remove(key)
    this.#addedMs.delete(key)
    this.#backoff.succeeded(key)
    this.#collisions.succeeded(key)
    this.#unplan(key)
  }

  async run(signal: AbortSignal): Promise<void> {
    const ring = (key: string): void => this.#ring(key)
    await Promise.all([this.#alarms.run(ring, signal), this.#queue.run((work) => this.#work(work), signal)])
  }

  #work(work: Work): MaybePromise<void> {
    this.#unplan(work.key)
    const { clock, report } = this.#options
    const startMs = clock.monotonic()
    report?.begun(startMs - (this.#addedMs.get(work.key) ?? startMs))
    this.#addedMs.delete(work.key)
    let next: MaybePromise<WorkNext>
    try {
      next = this.#options.work(work)
    } catch (error) {
      next = this.#failed(work, error)
    }
    return next instanceof Promise ? this.#workedLater(work, next, startMs) : this.#worked(work, next, startMs)
  }

  async #workedLater(work: Work, working: Promise<WorkNext>, startMs: number): Promise<void> {
    const next = await working.catch((error: unknown) => this.#failed(work, error))
    this.#worked(work, next, startMs)
  }

  #failed(work: Work, error: unknown): WorkNext {
    this.#options.failed(work, error)
    return { next: 'retry' }
  }

  #worked(work: Work, next: WorkNext, startMs: number): void {
    const { clock, report } = this.#options
    report?.ended(clock.monotonic() - startMs)
    this.#plan(work, next)
  }

  #plan(work: Work, next: WorkNext): void {
    const { clock, dueLane, retryLane, report } = this.#options
    if (next.next === 'retry' || next.next === 'again') report?.retried()
    if (next.next === 'retry') {
      return this.#planAfter({ ...work, lane: retryLane }, this.#backoff.failed(work.key, next.pauseMaxMs))
    }
    if (next.next === 'again') return this.#planAfter(work, this.#collisions.failed(work.key), 0)
    this.#collisions.succeeded(work.key)
    this.#backoff.succeeded(work.key)
    if (next.next === 'later') this.#planAfter({ ...work, lane: dueLane }, next.atMs - clock.now())
  }

  /** An answer is shared with others of about the same time, but never with the attempt before. */
  #planAfter(work: Work, afterMs: number, sharedAgeMs = Math.min(this.#options.sharedAgeMaxMs, afterMs / 2)): void {
    const { clock } = this.#options
    this.#planned.set(work.key, { ...work, sinceMs: clock.monotonic() + afterMs - Math.max(0, sharedAgeMs) })
    this.#alarms.set(work.key, clock.now() + afterMs)
  }

  #unplan(key: string): void {
    this.#planned.delete(key)
    this.#alarms.cancel(key)
  }

  #ring(key: string): void {
    const planned = this.#planned.get(key)
    // A wall clock that was set rings early: what was not read yet has no share in the future.
    if (planned) this.add({ ...planned, sinceMs: Math.min(planned.sinceMs, this.#options.clock.monotonic()) })
  }
}

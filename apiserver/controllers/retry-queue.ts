import { Backoff } from '../../base/queues/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import { type Work, WorkQueue } from '../../base/queues/work-queue.ts'

export interface RetryQueueOptions {
  readonly clock: Clock
  readonly workers: number
  /** The wait after a failure, doubled with each further one up to the maximum. */
  readonly firstRetryMs: number
  readonly maxRetryMs: number
}

/** Keys to work on, each by one worker at a time; what fails is tried again later, and later still. */
export class RetryQueue {
  readonly #clock: Clock
  readonly #queue: WorkQueue
  readonly #backoff: Backoff

  constructor({ clock, workers, firstRetryMs, maxRetryMs }: RetryQueueOptions) {
    this.#clock = clock
    this.#queue = new WorkQueue({ lanes: 1, workers, shardWorkersMax: workers })
    this.#backoff = new Backoff({ firstMs: firstRetryMs, maxMs: maxRetryMs })
  }

  add(key: string): void {
    this.#queue.add({ key, lane: 0, shard: '', group: '', sinceMs: 0 })
  }

  /** Until the signal aborts and what was begun is over. */
  async run(handle: (key: string) => Promise<void>, signal: AbortSignal): Promise<void> {
    await this.#queue.run(async ({ key }: Work) => {
      try {
        await handle(key)
        this.#backoff.succeeded(key)
      } catch {
        void this.#later(key, signal)
      }
    }, signal)
  }

  async #later(key: string, signal: AbortSignal): Promise<void> {
    const pauseMs = this.#backoff.failed(key)
    await this.#clock.sleep(pauseMs, signal).then(
      () => this.add(key),
      () => undefined,
    )
  }
}

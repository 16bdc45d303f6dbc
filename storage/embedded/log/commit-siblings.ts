import type { Clock } from '../../../base/clock.ts'

/** One that has not come for so much of the delay is not waited for any longer. */
const patience = 1 / 5

/**
 * The writers whom the next batch waits for: those who were just acknowledged, because many write again at once, and
 * those who wait already. It ends when all of them are there, when none has come for a fifth of the delay, and at the
 * latest when the delay is over. (PostgreSQL's commit_delay, with siblings that are seen and not configured.)
 */
export class CommitSiblings {
  readonly #clock: Clock
  readonly #delayMs: number
  #count = 0
  #untilMs = 0
  #complete: (() => void) | undefined

  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock
    this.#delayMs = delayMs
  }

  /** So many may write again from now on. */
  expect(count: number): void {
    this.#count = count
    this.#untilMs = this.#clock.monotonic() + this.#delayMs
  }

  /** To be told of every write that queues up. */
  joined(queue: readonly unknown[]): void {
    if (queue.length === this.#count) this.#complete?.()
  }

  async gathered(queue: readonly unknown[]): Promise<void> {
    for (let before = -1; queue.length < this.#count && queue.length > before; ) {
      before = queue.length
      const leftMs = this.#untilMs - this.#clock.monotonic()
      if (leftMs <= 0) return
      await this.#completeOrAfter(Math.min(leftMs, this.#delayMs * patience))
    }
  }

  async #completeOrAfter(durationMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#complete = resolve
      void this.#clock.sleep(durationMs).then(resolve)
    })
    this.#complete = undefined
  }
}

import type { Clock } from '../../base/clock.ts'

export interface BudgetOptions {
  readonly concurrency: number
  /** 0 is no limit. */
  readonly callsPerSecond: number
  /** The longest pause that a provider may ask for: its word must not put a store to sleep for years. */
  readonly pauseMaxMs: number
}

/** What one store may ask of its provider: so many calls at once, so many a second, and none while it is throttled. */
export class Budget {
  readonly #options: BudgetOptions
  readonly #clock: Clock
  readonly #waiting: (() => void)[] = []
  #running = 0
  #nextCallMs = 0

  constructor(options: BudgetOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  /** Calls when it is its turn, in the order of asking. Whose turn comes after the signal's abort is refused by it. */
  async run<R>(call: () => Promise<R>, signal: AbortSignal): Promise<R> {
    if (this.#running >= this.#options.concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running += 1
    try {
      await this.#turn(signal)
      return await call()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }

  /** The provider asked for a pause. */
  pause(durationMs: number): void {
    const pauseMs = Math.min(durationMs, this.#options.pauseMaxMs)
    this.#nextCallMs = Math.max(this.#nextCallMs, this.#clock.monotonic() + pauseMs)
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const nowMs = this.#clock.monotonic()
    const atMs = Math.max(nowMs, this.#nextCallMs)
    if (this.#options.callsPerSecond > 0) this.#nextCallMs = atMs + 1000 / this.#options.callsPerSecond
    if (atMs > nowMs) await this.#clock.sleep(atMs - nowMs, signal)
  }
}

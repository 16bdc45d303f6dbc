import type { Clock } from '../base/clock.ts'

/** So many calls a second, after a burst; who comes too early waits its turn, first come first served. */
export class Throttle {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #burst: number
  /** When the call after all those that were let through would be on time without any burst. */
  #dueMs = Number.NEGATIVE_INFINITY

  /** `perSecond` 0 is no limit. */
  constructor({ clock, perSecond, burst }: ThrottleOptions) {
    this.#clock = clock
    this.#intervalMs = perSecond === 0 ? 0 : 1000 / perSecond
    this.#burst = Math.max(1, burst)
  }

  async turn(signal?: AbortSignal): Promise<void> {
    if (this.#intervalMs === 0) return
    const now = this.#clock.monotonic()
    this.#dueMs = Math.max(this.#dueMs, now - this.#burst * this.#intervalMs) + this.#intervalMs
    if (this.#dueMs > now) await this.#clock.sleep(this.#dueMs - now, signal)
  }
}

export interface ThrottleOptions {
  readonly clock: Clock
  readonly perSecond: number
  readonly burst: number
}

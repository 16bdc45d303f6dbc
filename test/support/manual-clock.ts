import type { Clock } from '../../base/clock.ts'

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/** Time that moves only when told. */
export class ManualClock implements Clock {
  #nowMs: number
  readonly #sleepers = new Set<Sleeper>()

  constructor(startMs = 1_800_000_000_000) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    return new Promise((resolve, reject) => {
      const stop = (): void => this.#end(sleeper, () => reject(signal?.reason as Error))
      const wake = (): void => {
        signal?.removeEventListener('abort', stop)
        this.#end(sleeper, resolve)
      }
      const sleeper: Sleeper = { atMs: this.#nowMs + durationMs, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', stop, { once: true })
    })
  }

  /** Moves time on and lets everything that this sets off come to rest. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs
    for (;;) {
      await settled()
      const next = [...this.#sleepers].sort((left, right) => left.atMs - right.atMs)[0]
      if (next === undefined || next.atMs > untilMs) break
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.wake()
    }
    this.#nowMs = untilMs
    await settled()
  }

  #end(sleeper: Sleeper, then: () => void): void {
    if (this.#sleepers.delete(sleeper)) then()
  }
}

/** Turns of the event loop, until promises in memory have had their say. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

import type { Clock } from '../../base/clock.ts'
import { onAbort } from '../../base/waiting/on-abort.ts'

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
      const wake = (): void => {
        unheard?.()
        this.#end(sleeper, resolve)
      }
      const sleeper: Sleeper = { atMs: this.#nowMs + durationMs, wake }
      this.#sleepers.add(sleeper)
      const unheard = signal && onAbort(signal, () => this.#end(sleeper, () => reject(signal.reason as Error)))
    })
  }

  /** Moves time on and lets everything that this sets off come to rest. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs
    for (;;) {
      await settled()
      const next = this.#first()
      if (next === undefined || next.atMs > untilMs) break
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.wake()
    }
    this.#nowMs = untilMs
    await settled()
  }

  #first(): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of this.#sleepers) if (first === undefined || sleeper.atMs < first.atMs) first = sleeper
    return first
  }

  #end(sleeper: Sleeper, then: () => void): void {
    if (this.#sleepers.delete(sleeper)) then()
  }
}

/** Turns of the event loop, until promises in memory have had their say. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

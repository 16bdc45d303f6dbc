import type { Clock } from '../base/clock.ts'
import type { Revision } from './backend.ts'
import { StorageError } from './errors.ts'
import { WatchBell } from '../base/waiting/watch-bell.ts'

/**
 * How far a reader of the log has come, and those who wait for it to come further.
 *
 * Invariants:
 * 1. `revision` never goes back.
 * 2. At most one timer runs, however many wait: it sweeps out whose time is up.
 */
export class Progress {
  readonly #clock: Clock
  readonly #waitMs: number
  readonly #bells = new Set<WatchBell>()
  readonly #waiting = new Set<Waiter>()
  #revision: Revision
  #sweeping = false

  constructor(revision: Revision, options: { readonly clock: Clock; readonly waitMs: number }) {
    this.#revision = revision
    this.#clock = options.clock
    this.#waitMs = options.waitMs
  }

  get revision(): Revision {
    return this.#revision
  }

  advance(revision: Revision): void {
    this.#revision = revision
    for (const waiter of this.#waiting) if (waiter.revision <= revision) this.#settle(waiter)
    for (const bell of this.#bells) bell.ring()
  }

  /** Nothing will come any more. */
  end(error: StorageError): void {
    for (const waiter of this.#waiting) this.#settle(waiter, error)
    for (const bell of this.#bells) bell.ring()
  }

  /** Rings at each `advance`. */
  bell(signal: AbortSignal): WatchBell {
    return new WatchBell(signal, this.#bells)
  }

  /** Resolves once there; rejects with `future` when that takes too long. */
  reached(revision: Revision): Promise<void> {
    if (revision <= this.#revision) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#waiting.add({ revision, untilMs: this.#clock.monotonic() + this.#waitMs, resolve, reject })
      if (!this.#sweeping) void this.#sweep()
    })
  }

  /** Waiters stand in the order of their time: all of them wait equally long. */
  async #sweep(): Promise<void> {
    this.#sweeping = true
    for (let [first] = this.#waiting; first; [first] = this.#waiting) {
      const leftMs = first.untilMs - this.#clock.monotonic()
      if (leftMs > 0) await this.#clock.sleep(leftMs)
      else
        this.#settle(first, new StorageError('future', `revision ${first.revision}, the newest is ${this.#revision}`))
    }
    this.#sweeping = false
  }

  #settle(waiter: Waiter, error?: StorageError): void {
    this.#waiting.delete(waiter)
    if (error) waiter.reject(error)
    else waiter.resolve()
  }
}

interface Waiter {
  readonly revision: Revision
  readonly untilMs: number
  readonly resolve: () => void
  readonly reject: (error: StorageError) => void
}

import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../base/clock.ts'
import { SingleFlight } from '../../base/waiting/single-flight.ts'

export interface ValueCacheOptions {
  readonly bytesMax: number
  readonly ageMaxMs: number
}

interface Sized {
  readonly sizeBytes: number
}

interface Known<V> {
  readonly startedMs: number
  readonly value: V
}

/**
 * Answers of providers, good and bad, for everyone who may have them. An answer serves whoever needs none that is
 * younger: an ExternalSecret that became due by the clock takes one of the same round, and one whose user changed
 * something takes none that was read before the change. Bounded by bytes; `sweep` lets go of what is too old, unless
 * somebody waits who may have it.
 */
export class ValueCache<V extends Sized> {
  readonly #clock: Clock
  readonly #ageMaxMs: number
  readonly #flights = new SingleFlight<V>()
  readonly #known: LRUCache<string, Known<V>>

  constructor(options: ValueCacheOptions, clock: Clock) {
    this.#clock = clock
    this.#ageMaxMs = options.ageMaxMs
    this.#known = new LRUCache<string, Known<V>>({
      maxSize: options.bytesMax,
      sizeCalculation: ({ value }, key) => value.sizeBytes + key.length + 1,
    })
  }

  get(key: string, notBeforeMs: number, read: () => Promise<V>): MaybePromise<V> {
    const known = this.#known.get(key)
    if (known !== undefined && known.startedMs >= notBeforeMs) return known.value
    const nowMs = this.#clock.monotonic()
    return this.#flights.run(key, { notBeforeMs, nowMs }, async () => {
      const value = await read()
      if ((this.#known.peek(key)?.startedMs ?? nowMs) <= nowMs) this.#known.set(key, { startedMs: nowMs, value })
      return value
    })
  }

  /** `waitingSinceMs`: of those who wait, the earliest moment after which what is read serves one of them. */
  sweep(waitingSinceMs = Number.POSITIVE_INFINITY): void {
    const oldestMs = Math.min(this.#clock.monotonic() - this.#ageMaxMs, waitingSinceMs)
    for (const [key, { startedMs }] of this.#known.entries()) if (startedMs < oldestMs) this.#known.delete(key)
  }
}

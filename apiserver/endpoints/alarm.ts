import type { Clock } from '../../base/clock.ts'

/**
 * Interrupts waiting at given moments. One timer for each alarm, and no reaction left behind on the awaited promise's
 * competitors: a stream may wait many thousand times between two rings.
 */
export class Alarm {
  #hasRung = false
  #isOver = false
  #wake: (() => void) | undefined

  /** Rings after each of the delays, one behind the other, until `signal` aborts. */
  constructor(clock: Clock, delaysMs: Iterable<number>, signal: AbortSignal) {
    void this.#run(clock, delaysMs, signal)
  }

  /** After the last ring; the time cannot tell, for timers ring a fraction of a millisecond early. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Undefined when the alarm rang first; the promise goes on and may be waited for again. */
  race<T>(promise: Promise<T>): Promise<T | undefined> {
    if (this.#hasRung) {
      this.#hasRung = false
      return Promise.resolve(undefined)
    }
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined)
      promise.then(resolve, reject)
    })
  }

  async #run(clock: Clock, delaysMs: Iterable<number>, signal: AbortSignal): Promise<void> {
    for (const delayMs of delaysMs) {
      const isAborted = await clock.sleep(delayMs, signal).then(
        () => false,
        () => true,
      )
      if (isAborted) return
      this.#ring()
    }
    this.#isOver = true
  }

  #ring(): void {
    const wake = this.#wake
    this.#wake = undefined
    this.#hasRung = wake === undefined
    wake?.()
  }
}

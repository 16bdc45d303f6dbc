import type { Clock } from '../../../base/clock.ts'

/**
 * The beat of the watches of one kind. A stream that was just told something is told the next thing at the next beat,
 * with everything that happened until then: a write to a socket costs more than ten events in it, and streams that wait
 * for the same beat give the same bytes. A stream that waits for a change when there is none is told at once.
 */
export class Pulse {
  readonly #clock: Clock
  readonly #periodMs: number
  #next: Promise<void> | undefined

  constructor(clock: Clock, periodMs: number) {
    this.#clock = clock
    this.#periodMs = periodMs
  }

  /** The same one for everybody who asks before it. */
  beat(): Promise<void> {
    this.#next ??= this.#clock.sleep(this.#periodMs).then(() => {
      this.#next = undefined
    })
    return this.#next
  }
}

import type { Clock } from '../../../base/clock.ts'

/** A beat is followed by a pause of this many times its own length: watchers have a third of the thread at most, ... */
const pausesPerBeat = 2
/** ... unless that took longer than anybody likes to wait. */
const pauseMsMax = 500

/**
 * The beat of the watches of one kind. A stream that was just told something is told the next thing at the next beat,
 * with everything that happened until then: a write to a socket costs more than ten events in it, and streams that wait
 * for the same beat give the same bytes. A stream that waits for a change when there is none is told at once. The more
 * streams there are, the longer the pause between two beats, and the more is in one write.
 */
export class Pulse {
  readonly #clock: Clock
  readonly #pauseMsMin: number
  #pauseMs: number
  #next: Promise<void> | undefined

  constructor(clock: Clock, pauseMsMin: number) {
    this.#clock = clock
    this.#pauseMsMin = pauseMsMin
    this.#pauseMs = pauseMsMin
  }

  /** The same one for everybody who asks before it. */
  beat(): Promise<void> {
    this.#next ??= this.#clock.sleep(this.#pauseMs).then(() => {
      this.#next = undefined
      const startMs = this.#clock.monotonic()
      // The streams write before the event loop goes on.
      setImmediate(() => this.#pauseAfter(this.#clock.monotonic() - startMs))
    })
    return this.#next
  }

  #pauseAfter(beatMs: number): void {
    this.#pauseMs = Math.max(this.#pauseMsMin, Math.min(pauseMsMax, pausesPerBeat * beatMs))
  }
}

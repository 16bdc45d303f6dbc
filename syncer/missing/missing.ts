import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Refusal } from '../plan/ownership.ts'
import { type BrakeLimits, DeletionBrake } from './deletion-brake.ts'
import { Sightings } from './sightings.ts'

interface MissingOptions extends BrakeLimits {
  readonly confirmationMs: number
  readonly clock: Clock
  readonly log: Logger
}

/** What providers do not have any more, and whether that may take something away from a Secret. By UID. */
export class Missing {
  readonly #options: MissingOptions
  readonly #sightings: Sightings
  readonly #brake: DeletionBrake

  constructor(options: MissingOptions) {
    this.#options = options
    this.#sightings = new Sightings(options.confirmationMs)
    this.#brake = new DeletionBrake(options)
  }

  /** Notes what is missing; answers what is so for the first time. */
  see(uid: string, entries: readonly string[]): readonly string[] {
    return this.#sightings.see(uid, entries, this.#options.clock.monotonic())
  }

  /** How long until another look confirms what is missing; 0 when this one does. */
  waitMs(uid: string): number {
    const at = this.#sightings.confirmableAt(uid)
    return at === undefined ? 0 : Math.max(0, at - this.#options.clock.monotonic())
  }

  /** What a look that confirms must have been read after, at the earliest. */
  readSince(uid: string): number {
    const at = this.#sightings.confirmableAt(uid)
    return at === undefined || at > this.#options.clock.monotonic() ? 0 : at
  }

  mayRemove(uid: string, total: number): boolean {
    const wasOn = this.#brake.isOn
    const isAllowed = this.#brake.allows(uid, total, this.#options.clock.monotonic())
    if (!wasOn && !isAllowed) this.#options.log.error('deletions are stopped: too many Secrets lose values at once')
    return isAllowed
  }

  /** Nothing is missing, or nothing is to follow from it. */
  forget(uid: string): void {
    this.#sightings.forget(uid)
    this.#brake.release(uid)
  }
}

const stopped =
  'deletion stopped: too many Secrets would lose values within a minute, because their provider says they do not exist'

/** Why the Secret stays as it is. The same words at every try, so that the status is not written again. */
export const brakeRefusal: Refusal = {
  message: stopped,
  detail: `${stopped}; if that is meant, see --deletion-brake-count and --deletion-brake-percent`,
}

import { type FlowReport, type Place, tooMany } from './place.ts'

export interface WatchLimits {
  readonly watchesMax: number
  /** Of one user. */
  readonly userWatchesMax: number
}

/** Watches go on for as long as somebody reads: they have a bound of their own, and nobody waits for another's end. */
export class WatchPlaces {
  readonly #limits: WatchLimits
  readonly #report: FlowReport
  readonly #counts = new Map<string, number>()
  #count = 0

  constructor(limits: WatchLimits, report: FlowReport) {
    this.#limits = limits
    this.#report = report
  }

  /** Throws 429 when there are enough. */
  enter(user: string): Place {
    const ownCount = this.#counts.get(user) ?? 0
    if (this.#count >= this.#limits.watchesMax || ownCount >= this.#limits.userWatchesMax) {
      this.#report.rejected('concurrency-limit')
      throw tooMany()
    }
    this.#report.seated(0)
    this.#add(user, 1)
    let isHere = true
    const leave = (): void => {
      if (isHere) this.#add(user, -1)
      isHere = false
    }
    return { seated: undefined, leave }
  }

  #add(user: string, amount: 1 | -1): void {
    this.#count += amount
    const ownCount = (this.#counts.get(user) ?? 0) + amount
    if (ownCount > 0) this.#counts.set(user, ownCount)
    else this.#counts.delete(user)
  }
}

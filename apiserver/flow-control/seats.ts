import type { Clock } from '../../base/clock.ts'
import { FairQueue } from './fair-queue.ts'
import { type FlowReport, type Place, type RejectionReason, tooMany } from './place.ts'

export interface SeatLimits {
  /** Requests worked on at once. */
  readonly seatsMax: number
  /** Requests of one user that wait. */
  readonly userQueueLengthMax: number
  /** Requests that wait, of all users. */
  readonly queueLengthMax: number
  readonly queueWaitMs: number
}

export interface SeatsOptions {
  readonly clock: Clock
  readonly limits: SeatLimits
  readonly report: FlowReport
}

/** How exact the end of a wait is: one look at those who wait is cheaper than a timer for each. */
const lookMs = 100

/**
 * The seats of one priority level. Invariants:
 * 1. Nobody waits while a seat is free: `leave` hands the seat on, `enter` takes a free one at once.
 * 2. Users take turns: whoever asks little is not behind those who ask much.
 * 3. When too many wait, the user who has most of them waiting loses the newest.
 */
export class Seats {
  readonly #clock: Clock
  readonly #limits: SeatLimits
  readonly #report: FlowReport
  readonly #queue = new FairQueue<Waiting>()
  #takenCount = 0
  #isLooking = false

  constructor({ clock, limits, report }: SeatsOptions) {
    this.#clock = clock
    this.#limits = limits
    this.#report = report
  }

  get limit(): number {
    return this.#limits.seatsMax
  }

  get takenCount(): number {
    return this.#takenCount
  }

  get waitingCount(): number {
    return this.#queue.length
  }

  /** Throws 429 when there is neither a seat nor room to wait for one. */
  enter(user: string): Place {
    if (this.#takenCount < this.#limits.seatsMax) {
      this.#takenCount += 1
      this.#report.seated(0)
      return new Seat(this.#handOn)
    }
    return this.#wait(user)
  }

  #wait(user: string): Place {
    const { seatsMax, userQueueLengthMax, queueLengthMax } = this.#limits
    if (seatsMax === 0 || userQueueLengthMax === 0) throw this.#rejection('concurrency-limit')
    if (this.#queue.lengthOf(user) >= userQueueLengthMax) throw this.#rejection('queue-full')
    if (this.#queue.length >= queueLengthMax) this.#makeRoom(user)
    const waiting = new Waiting(user, this.#clock.monotonic(), (one) => this.#left(one))
    this.#queue.push(waiting)
    if (!this.#isLooking) void this.#look()
    return waiting
  }

  #makeRoom(user: string): void {
    const last = this.#queue.lastOfLongest()
    if (last === undefined || this.#queue.lengthOf(last.user) <= this.#queue.lengthOf(user) + 1)
      throw this.#rejection('queue-full')
    this.#turnAway(last, 'queue-full')
  }

  readonly #handOn = (): void => {
    const next = this.#queue.shift()
    if (next === undefined) {
      this.#takenCount -= 1
      return
    }
    this.#report.seated(this.#clock.monotonic() - next.sinceMs)
    next.seat()
  }

  #left(one: Waiting): void {
    if (one.isSeated) {
      this.#handOn()
      return
    }
    this.#queue.delete(one)
    this.#report.rejected('cancelled')
  }

  #turnAway(one: Waiting, reason: RejectionReason): void {
    this.#queue.delete(one)
    one.turnAway(this.#rejection(reason))
  }

  #rejection(reason: RejectionReason): Error {
    this.#report.rejected(reason)
    return tooMany()
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    while (this.#queue.length > 0) {
      await this.#clock.sleep(lookMs)
      const lateMs = this.#clock.monotonic() - this.#limits.queueWaitMs
      for (let late = this.#late(lateMs); late.length > 0; late = this.#late(lateMs)) {
        for (const one of late) this.#turnAway(one, 'time-out')
      }
    }
    this.#isLooking = false
  }

  #late(lateMs: number): readonly Waiting[] {
    return this.#queue.firsts().filter((one) => one.sinceMs <= lateMs)
  }
}

class Seat implements Place {
  readonly seated = undefined
  #handOn: (() => void) | undefined

  constructor(handOn: () => void) {
    this.#handOn = handOn
  }

  leave(): void {
    const handOn = this.#handOn
    this.#handOn = undefined
    handOn?.()
  }
}

/** Waits, then sits or is turned away; after `leave` neither. */
class Waiting implements Place {
  readonly user: string
  readonly sinceMs: number
  readonly seated: Promise<void>
  isSeated = false
  #left: ((one: Waiting) => void) | undefined
  #resolve: () => void = () => undefined
  #reject: (reason: Error) => void = () => undefined

  constructor(user: string, sinceMs: number, left: (one: Waiting) => void) {
    this.user = user
    this.sinceMs = sinceMs
    this.#left = left
    this.seated = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  seat(): void {
    this.isSeated = true
    this.#resolve()
  }

  turnAway(reason: Error): void {
    this.#left = undefined
    this.#reject(reason)
  }

  leave(): void {
    const left = this.#left
    this.#left = undefined
    left?.(this)
  }
}

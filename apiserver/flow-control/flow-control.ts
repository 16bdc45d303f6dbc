import type { Clock } from '../../base/clock.ts'
import type { Metrics } from '../../base/metrics.ts'
import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'
import { type FlowMetrics, flowMetrics } from './flow-metrics.ts'
import type { Place } from './place.ts'
import { type PriorityLevel, priorityLevelOf, priorityLevels } from './priority-level.ts'
import { type SeatLimits, Seats } from './seats.ts'
import { type WatchLimits, WatchPlaces } from './watch-places.ts'

export interface FlowLimits extends Omit<SeatLimits, 'seatsMax'>, WatchLimits {
  readonly readOnlyInFlightMax: number
  readonly mutatingInFlightMax: number
}

export interface FlowSubject {
  readonly user: UserInfo
  readonly info: RequestInfo
  /** A stream that goes on until somebody ends it. */
  readonly isLongRunning: boolean
}

export type RequestSort = 'readOnly' | 'mutating'

const sorts: readonly RequestSort[] = ['readOnly', 'mutating']

/**
 * The door of the folder: how many requests are worked on at once, and whose turn it is. Reads and writes have seats of
 * their own in each priority level, so that writes that wait for the disk do not hold up reads.
 */
export class FlowControl {
  readonly #pools: Readonly<Record<PriorityLevel, Readonly<Record<RequestSort, Seats>>>>
  readonly #watches: WatchPlaces
  readonly #exemptWatches: WatchPlaces

  constructor(clock: Clock, limits: FlowLimits, metrics: Metrics) {
    const numbers = flowMetrics(metrics)
    const pool = (level: PriorityLevel): Record<RequestSort, Seats> => ({
      readOnly: seatsOf({ clock, limits, numbers, level, sort: 'readOnly' }),
      mutating: seatsOf({ clock, limits, numbers, level, sort: 'mutating' }),
    })
    this.#pools = {
      exempt: pool('exempt'),
      'leader-election': pool('leader-election'),
      'global-default': pool('global-default'),
    }
    this.#watches = new WatchPlaces(limits, numbers.report('global-default', 'watch'))
    this.#exemptWatches = new WatchPlaces(noLimits, numbers.report('exempt', 'watch'))
    metrics.onRender(() => {
      for (const level of priorityLevels) for (const sort of sorts) numbers.show(level, sort, this.#pools[level][sort])
    })
  }

  /** Throws 429 when there is neither room nor a place to wait for it. */
  enter({ user, info, isLongRunning }: FlowSubject): Place {
    const level = priorityLevelOf(user, info)
    if (isLongRunning) return (level === 'exempt' ? this.#exemptWatches : this.#watches).enter(user.name)
    return this.#pools[level][readOnlyVerbs.has(info.verb) ? 'readOnly' : 'mutating'].enter(user.name)
  }

  /** How many requests are being worked on. */
  count(sort: RequestSort): number {
    return priorityLevels.reduce((sum, level) => sum + this.#pools[level][sort].takenCount, 0)
  }
}

const readOnlyVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head', 'options'])

const noLimits: WatchLimits = { watchesMax: Number.POSITIVE_INFINITY, userWatchesMax: Number.POSITIVE_INFINITY }

interface Pool {
  readonly clock: Clock
  readonly limits: FlowLimits
  readonly numbers: FlowMetrics
  readonly level: PriorityLevel
  readonly sort: RequestSort
}

function seatsOf({ clock, limits, numbers, level, sort }: Pool): Seats {
  const inFlightMax = sort === 'readOnly' ? limits.readOnlyInFlightMax : limits.mutatingInFlightMax
  const seatsMax = shares[level](inFlightMax)
  return new Seats({ clock, limits: { ...limits, seatsMax }, report: numbers.report(level, sort) })
}

/** Elections have a tenth beside what everybody shares: few requests, which must not wait behind others. */
const shares: Readonly<Record<PriorityLevel, (inFlightMax: number) => number>> = {
  exempt: () => Number.POSITIVE_INFINITY,
  'leader-election': (inFlightMax) => Math.ceil(inFlightMax / 10),
  'global-default': (inFlightMax) => inFlightMax,
}

import { utc, type Zone } from './zone.ts'

const nanosecondsPerSecond = 1_000_000_000n
/** Go's zero time: the first of January of year 1. */
const zeroSeconds = -62_135_596_800n

/** Go's time.Time: a moment and the zone that it is shown in. */
export class Moment {
  readonly nanoseconds: bigint
  readonly zone: Zone

  constructor(nanoseconds: bigint, zone: Zone = utc) {
    this.nanoseconds = nanoseconds
    this.zone = zone
  }

  static ofSeconds(seconds: bigint, zone?: Zone): Moment {
    return new Moment(seconds * nanosecondsPerSecond, zone)
  }

  static ofMilliseconds(milliseconds: number): Moment {
    return new Moment(BigInt(Math.trunc(milliseconds)) * 1_000_000n)
  }

  static zero(): Moment {
    return Moment.ofSeconds(zeroSeconds)
  }

  get isZero(): boolean {
    return this.nanoseconds === zeroSeconds * nanosecondsPerSecond
  }

  get epochSeconds(): bigint {
    return floorDivide(this.nanoseconds, nanosecondsPerSecond)
  }

  in(zone: Zone): Moment {
    return new Moment(this.nanoseconds, zone)
  }

  plus(nanoseconds: bigint): Moment {
    return new Moment(this.nanoseconds + nanoseconds, this.zone)
  }

  civil(): CivilTime {
    const seconds = this.epochSeconds
    const { offsetSeconds, abbreviation } = this.zone.at(Number(seconds) * 1000)
    const date = new Date((Number(seconds) + offsetSeconds) * 1000)
    const year = date.getUTCFullYear()
    return {
      year,
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      nanosecond: Number(this.nanoseconds - seconds * nanosecondsPerSecond),
      weekday: date.getUTCDay(),
      yearDay: Math.floor((date.getTime() - utcMilliseconds({ year, month: 1, day: 1 })) / 86_400_000) + 1,
      offsetSeconds,
      abbreviation,
    }
  }
}

export interface CivilTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  readonly weekday: number
  readonly yearDay: number
  readonly offsetSeconds: number
  readonly abbreviation: string
}

/** Years below 100 are those, not 19xx as Date.UTC has it. */
export function utcMilliseconds({ year, month, day }: { year: number; month: number; day: number }): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getTime()
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value % by < 0n ? quotient - 1n : quotient
}

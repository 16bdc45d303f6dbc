import { parseTime } from '../../time.ts'
import { CelEvaluationError } from '../errors.ts'
import { second } from './duration.ts'

/** The first and the last second of the years 1 to 9999. */
const secondsMin = -62_135_596_800n
const secondsMax = 253_402_300_799n

/** Nanoseconds since the epoch. */
export class Timestamp {
  readonly typeName = 'google.protobuf.Timestamp'
  readonly nanoseconds: bigint

  constructor(nanoseconds: bigint) {
    const seconds = floorSeconds(nanoseconds)
    if (seconds < secondsMin || seconds > secondsMax) throw new CelEvaluationError('timestamp overflow')
    this.nanoseconds = nanoseconds
  }
}

export function floorSeconds(nanoseconds: bigint): bigint {
  const seconds = nanoseconds / second
  return nanoseconds % second < 0n ? seconds - 1n : seconds
}

/** RFC 3339 with up to nine digits of a second; undefined when the text is none. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const fraction = /[.](\d+)/.exec(text)?.[1] ?? ''
  const whole = parseTime(text.replace(/[.]\d+/, ''))
  if (whole === undefined) return undefined
  const nanoseconds = BigInt(whole) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  const seconds = floorSeconds(nanoseconds)
  return seconds < secondsMin || seconds > secondsMax ? undefined : new Timestamp(nanoseconds)
}

/** `string(timestamp)`: RFC 3339 in UTC, with as many digits of a second as it takes. */
export function timestampText({ nanoseconds }: Timestamp): string {
  const seconds = floorSeconds(nanoseconds)
  const fraction = (nanoseconds - seconds * second).toString().padStart(9, '0').replace(/0+$/, '')
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return `${whole}${fraction && `.${fraction}`}Z`
}

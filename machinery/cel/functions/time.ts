import { CelEvaluationError } from '../errors.ts'
import { second } from '../values/duration.ts'
import type { Duration } from '../values/duration.ts'
import { floorSeconds } from '../values/timestamp.ts'
import type { Timestamp } from '../values/timestamp.ts'
import type { Value } from '../values/value.ts'
import { member } from './table.ts'
import type { FunctionTable, Overload } from './table.ts'

const timestamp = 'google.protobuf.Timestamp'
const duration = 'google.protobuf.Duration'
const dayMs = 86_400_000

/** The parts of times, in UTC or in a zone that is named or given as an offset; and durations in whole units. */
export const time: FunctionTable = {
  getFullYear: ofTime((date) => date.getUTCFullYear()),
  getMonth: ofTime((date) => date.getUTCMonth()),
  getDayOfYear: ofTime((date) => Math.floor((date.getTime() - startOfYear(date)) / dayMs)),
  getDayOfMonth: ofTime((date) => date.getUTCDate() - 1),
  getDate: ofTime((date) => date.getUTCDate()),
  getDayOfWeek: ofTime((date) => date.getUTCDay()),
  getHours: [...ofTime((date) => date.getUTCHours()), ofDuration(3600n * second)],
  getMinutes: [...ofTime((date) => date.getUTCMinutes()), ofDuration(60n * second)],
  getSeconds: [...ofTime((date) => date.getUTCSeconds()), ofDuration(second)],
  getMilliseconds: [
    ...ofTime((_, nanoseconds) => Number(nanoseconds / 1_000_000n)),
    member([duration, '->', 'int'], ({ nanoseconds }: Duration) => nanoseconds / 1_000_000n),
  ],
}

/** Of the time as a clock in the zone shows it, and the nanoseconds of the second. */
type Part = (date: Date, nanoseconds: bigint) => number

function ofTime(part: Part): readonly Overload[] {
  return [
    member([timestamp, '->', 'int'], (at) => BigInt(part(shifted(at, 0), fractionOf(at)))),
    member([timestamp, 'string', '->', 'int'], (at, zone) => BigInt(part(inZone(at, zone), fractionOf(at))), zoneCost),
  ]
}

/** More than Kubernetes counts: here the rules of a zone are not at hand. */
function zoneCost([, zone]: readonly Value[]): number {
  return typeof zone === 'string' && offsetForm.test(zone) ? 1 : 50
}

function ofDuration(unit: bigint): Overload {
  return member([duration, '->', 'int'], ({ nanoseconds }: Duration) => nanoseconds / unit)
}

function shifted({ nanoseconds }: Timestamp, offsetMs: number): Date {
  return new Date(Number(floorSeconds(nanoseconds)) * 1000 + offsetMs)
}

function fractionOf({ nanoseconds }: Timestamp): bigint {
  return nanoseconds - floorSeconds(nanoseconds) * second
}

function startOfYear(date: Date): number {
  const start = new Date(date)
  start.setUTCMonth(0, 1)
  start.setUTCHours(0, 0, 0, 0)
  return start.getTime()
}

const offsetForm = /^([-+]?)(\d\d):(\d\d)$/

function inZone(at: Timestamp, zone: string): Date {
  const [, sign, hours, minutes] = offsetForm.exec(zone) ?? []
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000
  if (hours !== undefined) return shifted(at, sign === '-' ? -offset : offset)
  return shifted(at, namedOffset(shifted(at, 0), zone))
}

function namedOffset(date: Date, zone: string): number {
  const text = zoneName(date, zone)
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = /GMT([-+])(\d+):?(\d*):?(\d*)/.exec(text) ?? []
  const offset = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -offset : offset
}

/** `GMT+01:00`, from the time zones that Node has. */
function zoneName(date: Date, zone: string): string {
  const formatter = formatters.get(zone) ?? newFormatter(zone)
  // There are some hundred zones, each of them in many spellings of upper and lower case.
  if (formatters.size >= formatterCountMax) formatters.clear()
  formatters.set(zone, formatter)
  return formatter.format(date)
}

const formatterCountMax = 100

/** To make one costs a hundred times what it costs to use it. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function newFormatter(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  } catch {
    throw new CelEvaluationError('unknown time zone')
  }
}

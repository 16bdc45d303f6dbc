import { byteString, unicodeText } from '../byte-string.ts'
import { durationText, parseDuration } from '../time/duration.ts'
import { formatMoment } from '../time/layout.ts'
import { Moment } from '../time/moment.ts'
import { parseMoment } from '../time/parse-moment.ts'
import { utc, zoneNamed } from '../time/zone.ts'
import { Integer, type Value } from '../value.ts'
import { type CallContext, FunctionFailure, type FunctionTable, takes } from './definition.ts'

const dateInZone = takes(['string', 'any', 'string'], ([layout, date, zone], context) =>
  formatted(momentOf(date, context), { layout, zone }),
)
const dateModify = takes(['string', 'time'], ([duration, date]) =>
  date.plus(parseDuration(unicodeText(duration)) ?? 0n),
)
const mustDateModify = takes(['string', 'time'], ([duration, date]) => {
  const nanoseconds = parseDuration(unicodeText(duration))
  if (nanoseconds === undefined) throw new FunctionFailure('the text is not a duration')
  return date.plus(nanoseconds)
})

/** The process's own zone is UTC, as it is in the controller's container. */
export const dateFunctions: FunctionTable = {
  now: takes([], (_, { clock }) => Moment.ofMilliseconds(clock.now())),
  date: takes(['string', 'any'], ([layout, date], context) =>
    formatted(momentOf(date, context), { layout, zone: 'UTC' }),
  ),
  dateInZone,
  date_in_zone: dateInZone,
  htmlDate: takes(['any'], ([date], context) =>
    formatted(momentOf(date, context), { layout: '2006-01-02', zone: 'UTC' }),
  ),
  htmlDateInZone: takes(['any', 'string'], ([date, zone], context) =>
    formatted(momentOf(date, context), { layout: '2006-01-02', zone }),
  ),
  dateModify,
  date_modify: dateModify,
  mustDateModify,
  must_date_modify: mustDateModify,
  toDate: takes(['string', 'string'], ([layout, text]) => parsed(layout, text) ?? Moment.zero()),
  mustToDate: takes(['string', 'string'], ([layout, text]) => {
    const moment = parsed(layout, text)
    if (moment === undefined) throw new FunctionFailure('the text does not fit the layout')
    return moment
  }),
  ago: takes(['any'], ([date], context) => {
    const elapsed = Moment.ofMilliseconds(context.clock.now()).nanoseconds - momentOf(date, context).nanoseconds
    return byteString(durationText(roundedSeconds(elapsed)))
  }),
  duration: takes(['any'], ([value]) => byteString(durationText(BigInt.asIntN(64, secondsOf(value) * 1_000_000_000n)))),
  durationRound: takes(['any'], ([value], { clock }) => rounded(durationOf(value, clock.now()))),
  unixEpoch: takes(['time'], ([date]) => `${date.epochSeconds}`),
}

/** Seconds since the epoch count as a time; anything that is none means now. */
function momentOf(value: Value, { clock }: CallContext): Moment {
  if (value instanceof Moment) return value
  const isNumber = value instanceof Integer && ['int', 'int64', 'int32'].includes(value.type)
  return isNumber ? Moment.ofSeconds(value.value) : Moment.ofMilliseconds(clock.now())
}

function formatted(moment: Moment, { layout, zone }: { readonly layout: string; readonly zone: string }): string {
  if (Math.abs(Number(moment.epochSeconds)) > 8.6e12) throw new FunctionFailure('the time is out of range')
  return byteString(formatMoment(moment.in(zoneNamed(unicodeText(zone)) ?? utc), unicodeText(layout)))
}

function parsed(layout: string, text: string): Moment | undefined {
  return parseMoment(unicodeText(layout), unicodeText(text))
}

/** Half a second counts as one, away from zero. */
function roundedSeconds(nanoseconds: bigint): bigint {
  const half = nanoseconds < 0n ? -500_000_000n : 500_000_000n
  return ((nanoseconds + half) / 1_000_000_000n) * 1_000_000_000n
}

/** A plain int is not looked at: only int64 and text are. */
function secondsOf(value: Value): bigint {
  if (typeof value === 'string') return /^[+-]?[0-9]{1,18}$/.test(value) ? BigInt(value.replace('+', '')) : 0n
  return value instanceof Integer && value.type === 'int64' ? value.value : 0n
}

function durationOf(value: Value, nowMs: number): bigint {
  if (typeof value === 'string') return parseDuration(unicodeText(value)) ?? 0n
  if (value instanceof Moment) return Moment.ofMilliseconds(nowMs).nanoseconds - value.nanoseconds
  return value instanceof Integer && value.type === 'int64' ? value.value : 0n
}

const spans: readonly (readonly [string, bigint])[] = [
  ['y', 31_536_000n],
  ['mo', 2_592_000n],
  ['d', 86_400n],
  ['h', 3_600n],
  ['m', 60n],
  ['s', 1n],
]

/** The largest unit only, without a sign. */
function rounded(nanoseconds: bigint): string {
  const magnitude = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const span = spans.find(([, seconds]) => magnitude > seconds * 1_000_000_000n)
  if (!span) return '0s'
  return `${magnitude / (span[1] * 1_000_000_000n)}${span[0]}`
}

import { layoutParts, monthNames, weekdayNames } from './layout.ts'
import { Moment, utcMilliseconds } from './moment.ts'
import { fixedZone, utc, type Zone } from './zone.ts'

interface Fields {
  year?: number
  month?: number
  day?: number
  yearDay?: number
  hour?: number
  minute?: number
  second?: number
  nanosecond?: bigint
  isAfternoon?: boolean
  zone?: Zone
}

/** The moment that a text in this layout names; undefined if it does not match or there is no such time. */
export function parseMoment(layout: string, text: string): Moment | undefined {
  const fields: Fields = {}
  let rest: string | undefined = text
  const parts = layoutParts(layout)
  for (const [index, { prefix, piece }] of parts.entries()) {
    rest = withoutPrefix(rest, prefix)
    if (rest === undefined) return undefined
    if (piece === '') break
    rest = taken(piece, rest, fields)
    if (rest === undefined) return undefined
    const next = parts[index + 1]
    // A fraction may follow the seconds though the layout has none.
    const hasFraction = next?.prefix === '' && /^[.,]/.test(next.piece)
    if ((piece === '05' || piece === '5') && !hasFraction) rest = withFraction(rest, fields)
  }
  return rest === '' ? momentOf(fields) : undefined
}

/** A blank of the layout stands for any number of blanks. */
function withoutPrefix(text: string, prefix: string): string | undefined {
  let rest = text
  for (const part of prefix.split(/( +)/)) {
    if (part.startsWith(' ')) {
      if (rest !== '' && !rest.startsWith(' ')) return undefined
      rest = rest.replace(/^ +/, '')
    } else if (rest.startsWith(part)) rest = rest.slice(part.length)
    else return undefined
  }
  return rest
}

function withFraction(text: string, fields: Fields): string {
  const digits = /^[.,](\d+)/.exec(text)
  if (!digits) return text
  fields.nanosecond = nanosecondsOf(digits[1] ?? '')
  return text.slice(digits[0].length)
}

function nanosecondsOf(digits: string): bigint {
  return BigInt(digits.slice(0, 9).padEnd(9, '0'))
}

interface Reader {
  readonly pattern: RegExp
  /** False if the value cannot be. */
  readonly read: (match: RegExpExecArray, fields: Fields) => boolean
}

function numeric(
  pattern: RegExp,
  member: 'year' | 'month' | 'day' | 'yearDay' | 'hour' | 'minute' | 'second',
  max: number,
): Reader {
  return {
    pattern,
    read: (match, fields) => {
      const value = Number(match[1])
      fields[member] = value
      return value <= max
    },
  }
}

function named(names: readonly string[], take: (index: number, fields: Fields) => void): Reader {
  return {
    pattern: new RegExp(`^(${names.join('|')})`, 'i'),
    read: (match, fields) => {
      take(
        names.findIndex((name) => name.toLowerCase() === match[0].toLowerCase()),
        fields,
      )
      return true
    },
  }
}

const short = (names: readonly string[]): string[] => names.map((name) => name.slice(0, 3))
const setMonth = (index: number, fields: Fields): void => void (fields.month = index + 1)
const offsetReader: Reader = {
  pattern: /^([+-])(\d\d):?(\d\d)?:?(\d\d)?/,
  read: ([, sign, hours, minutes = '0', seconds = '0'], fields) => {
    const magnitude = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
    fields.zone = magnitude === 0 ? utc : fixedZone(sign === '-' ? -magnitude : magnitude)
    return Number(hours) <= 24 && Number(minutes) < 60 && Number(seconds) < 60
  },
}

const readers: Readonly<Record<string, Reader>> = {
  January: named(monthNames, setMonth),
  Jan: named(short(monthNames), setMonth),
  Monday: named(weekdayNames, () => undefined),
  Mon: named(short(weekdayNames), () => undefined),
  '2006': numeric(/^(\d{4})/, 'year', 9999),
  '06': {
    pattern: /^(\d\d)/,
    read: (match, fields) => {
      const value = Number(match[1])
      fields.year = value >= 69 ? 1900 + value : 2000 + value
      return true
    },
  },
  '01': numeric(/^(\d\d)/, 'month', 12),
  '1': numeric(/^(\d\d?)/, 'month', 12),
  '02': numeric(/^(\d\d)/, 'day', 31),
  _2: numeric(/^ ?(\d\d?)/, 'day', 31),
  '2': numeric(/^(\d\d?)/, 'day', 31),
  '002': numeric(/^(\d{3})/, 'yearDay', 366),
  __2: numeric(/^ {0,2}(\d{1,3})/, 'yearDay', 366),
  '15': numeric(/^(\d\d?)/, 'hour', 23),
  '03': numeric(/^(\d\d)/, 'hour', 12),
  '3': numeric(/^(\d\d?)/, 'hour', 12),
  '04': numeric(/^(\d\d)/, 'minute', 59),
  '4': numeric(/^(\d\d?)/, 'minute', 59),
  '05': numeric(/^(\d\d)/, 'second', 59),
  '5': numeric(/^(\d\d?)/, 'second', 59),
  PM: afternoon(/^(AM|PM)/),
  pm: afternoon(/^(am|pm)/),
  MST: {
    pattern: /^(UTC|[A-Z]{3,5}|[+-]\d\d)/,
    read: (match, fields) => {
      fields.zone = match[0] === 'UTC' ? utc : fixedZone(0, match[0])
      return true
    },
  },
}

function afternoon(pattern: RegExp): Reader {
  return {
    pattern,
    read: (match, fields) => {
      fields.isAfternoon = match[0].toLowerCase() === 'pm'
      return true
    },
  }
}

function taken(piece: string, text: string, fields: Fields): string | undefined {
  if (piece.startsWith('.') || piece.startsWith(',')) {
    const digits = /^[.,](\d+)/.exec(text)
    if (!digits) return piece[1] === '9' ? text : undefined
    if (piece[1] === '0' && digits[0].length !== piece.length) return undefined
    return withFraction(text, fields)
  }
  if (piece.startsWith('Z') && text.startsWith('Z')) {
    fields.zone = utc
    return text.slice(1)
  }
  const reader = readers[piece] ?? offsetReader
  const match = reader.pattern.exec(text)
  if (!match || !reader.read(match, fields)) return undefined
  if (reader === offsetReader && match[0].length !== piece.length) return undefined
  return text.slice(match[0].length)
}

function momentOf(fields: Fields): Moment | undefined {
  const { year = 0, minute = 0, second = 0, nanosecond = 0n, zone = utc } = fields
  const fromYearDay = fields.yearDay !== undefined && fields.month === undefined
  const month = fields.month ?? 1
  const day = fromYearDay ? (fields.yearDay ?? 1) : (fields.day ?? 1)
  if (month < 1 || day < 1) return undefined
  const dayMs = utcMilliseconds({ year, month, day })
  if (!fromYearDay && new Date(dayMs).getUTCDate() !== day) return undefined
  const seconds = dayMs / 1000 + hourOf(fields) * 3600 + minute * 60 + second - zone.at(dayMs).offsetSeconds
  return new Moment(BigInt(seconds) * 1_000_000_000n + nanosecond, zone)
}

function hourOf({ hour = 0, isAfternoon }: Fields): number {
  if (isAfternoon === undefined) return hour
  if (isAfternoon) return hour < 12 ? hour + 12 : hour
  return hour === 12 ? 0 : hour
}

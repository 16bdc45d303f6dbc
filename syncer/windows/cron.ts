import { parseGoDuration } from '../../machinery/duration.ts'

/** When a cron line fires, in UTC: five fields, a descriptor such as `@daily`, or `@every` with a duration. */
export interface CronSchedule {
  /** The first firing after that moment; undefined when there is none in five years. */
  next(afterMs: number): number | undefined
}

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

export function parseCron(text: string): CronSchedule | undefined {
  if (text.startsWith('@every ')) return everySchedule(text.slice('@every '.length))
  const line = text.startsWith('@') ? descriptors[text] : text
  const fields = line?.split(' ').filter((part) => part !== '') ?? []
  if (fields.length !== 5) return undefined
  const [minutes, hours, days, months, weekdays] = fields.map((field, index) => parseField(field, ranges[index]))
  if (!minutes || !hours || !days || !months || !weekdays) return undefined
  return calendarSchedule({ minutes, hours, days, months, weekdays })
}

/** Has no phase: it fires one period after whatever moment it is asked about. */
function everySchedule(text: string): CronSchedule | undefined {
  const periodMs = parseGoDuration(text.trim())
  if (periodMs === undefined) return undefined
  const wholeSeconds = Math.max(1, Math.floor(periodMs / 1000)) * 1000
  return { next: (afterMs) => Math.floor(afterMs / 1000) * 1000 + wholeSeconds }
}

interface FieldRange {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const ranges: readonly FieldRange[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]

interface Field {
  readonly values: ReadonlySet<number>
  /** Written as `*`: between day of month and day of week, only two that are not stars are alternatives. */
  readonly isStar: boolean
}

function parseField(text: string, range: FieldRange | undefined): Field | undefined {
  const parts = text.split(',').map((part) => (range ? parsePart(part, range) : undefined))
  const values = new Set<number>()
  let isStar = false
  for (const part of parts) {
    if (part === undefined) return undefined
    for (const value of part.values) values.add(value)
    isStar ||= part.isStar
  }
  return { values, isStar }
}

function parsePart(text: string, range: FieldRange): Field | undefined {
  const [span = '', stepText, ...rest] = text.split('/')
  const [fromText = '', toText, ...more] = span.split('-')
  const step = stepText === undefined ? 1 : numberOf(stepText)
  if (rest.length > 0 || more.length > 0 || step === undefined || step === 0) return undefined
  const isStar = fromText === '*' || fromText === '?'
  const from = isStar ? range.min : numberOf(fromText, range.names)
  // `5/15` means from 5 to the end.
  const last = isStar || (toText === undefined && stepText !== undefined) ? range.max : from
  const to = toText === undefined || isStar ? last : numberOf(toText, range.names)
  if (from === undefined || to === undefined || from < range.min || to > range.max || from > to) return undefined
  return { values: new Set(steps(from, { to, step })), isStar: isStar && step === 1 }
}

function numberOf(text: string, names?: readonly string[]): number | undefined {
  const index = text === '' ? -1 : (names?.indexOf(text.toLowerCase()) ?? -1)
  if (index >= 0) return index
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function steps(from: number, { to, step }: { to: number; step: number }): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step)
}

interface Calendar {
  readonly minutes: Field
  readonly hours: Field
  readonly days: Field
  readonly months: Field
  readonly weekdays: Field
}

const dayMs = 86_400_000
const daysLookedAtMax = 5 * 366

function calendarSchedule(calendar: Calendar): CronSchedule {
  const hours = sorted(calendar.hours)
  const minutes = sorted(calendar.minutes)
  return {
    next: (afterMs) => {
      let dayStart = Math.floor(afterMs / dayMs) * dayMs
      for (let count = 0; count <= daysLookedAtMax; count += 1, dayStart += dayMs) {
        if (!isDay(calendar, new Date(dayStart))) continue
        const firing = firstAfter(afterMs, { dayStart, hours, minutes })
        if (firing !== undefined) return firing
      }
      return undefined
    },
  }
}

function sorted({ values }: Field): readonly number[] {
  return [...values].sort((left, right) => left - right)
}

function isDay({ days, months, weekdays }: Calendar, date: Date): boolean {
  if (!months.values.has(date.getUTCMonth() + 1)) return false
  const isDayOfMonth = days.values.has(date.getUTCDate())
  const isWeekday = weekdays.values.has(date.getUTCDay())
  return days.isStar || weekdays.isStar ? isDayOfMonth && isWeekday : isDayOfMonth || isWeekday
}

interface Day {
  readonly dayStart: number
  readonly hours: readonly number[]
  readonly minutes: readonly number[]
}

function firstAfter(afterMs: number, { dayStart, hours, minutes }: Day): number | undefined {
  for (const hour of hours) {
    const minute = minutes.find((each) => dayStart + (hour * 60 + each) * 60_000 > afterMs)
    if (minute !== undefined) return dayStart + (hour * 60 + minute) * 60_000
  }
  return undefined
}

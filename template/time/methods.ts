import { byteString, unicodeText } from '../byte-string.ts'
import { FunctionFailure } from '../functions/definition.ts'
import { int, int64, Integer, type Method, type Value } from '../value.ts'
import { durationText } from './duration.ts'
import { formatMoment, monthNames, stringLayout, weekdayNames } from './layout.ts'
import { Moment, utcMilliseconds } from './moment.ts'
import { utc } from './zone.ts'

/** The methods of Go's time.Time that a template can call on a time. */
const methods: Readonly<Record<string, (moment: Moment, args: readonly Value[]) => Value>> = {
  Year: plain((moment) => int(moment.civil().year)),
  Month: plain((moment) => month(moment.civil().month)),
  Day: plain((moment) => int(moment.civil().day)),
  Hour: plain((moment) => int(moment.civil().hour)),
  Minute: plain((moment) => int(moment.civil().minute)),
  Second: plain((moment) => int(moment.civil().second)),
  Nanosecond: plain((moment) => int(moment.civil().nanosecond)),
  YearDay: plain((moment) => int(moment.civil().yearDay)),
  Weekday: plain((moment) => weekday(moment.civil().weekday)),
  Unix: plain((moment) => int64(moment.epochSeconds)),
  UnixMilli: plain((moment) => int64(moment.nanoseconds / 1_000_000n)),
  UnixMicro: plain((moment) => int64(moment.nanoseconds / 1_000n)),
  UnixNano: plain((moment) => int64(moment.nanoseconds)),
  IsZero: plain((moment) => moment.isZero),
  UTC: plain((moment) => moment.in(utc)),
  Local: plain((moment) => moment.in(utc)),
  String: plain((moment) => byteString(formatMoment(moment, stringLayout))),
  Format: (moment, args) => {
    const [layout] = args
    if (args.length !== 1 || typeof layout !== 'string') return refuse('one layout')
    return byteString(formatMoment(moment, unicodeText(layout)))
  },
  AddDate: (moment, args) => {
    const [years, months, days] = args.map((one) => (one instanceof Integer ? Number(one.value) : undefined))
    if (args.length !== 3 || years === undefined || months === undefined || days === undefined) {
      return refuse('three numbers')
    }
    const { year, month: from, day } = moment.civil()
    const shiftedMs = utcMilliseconds({ year: year + years, month: from + months, day: day + days })
    if (Number.isNaN(shiftedMs)) return refuse('numbers of this era')
    return moment.plus(BigInt(shiftedMs - utcMilliseconds({ year, month: from, day })) * 1_000_000n)
  },
  Add: (moment, args) => {
    const [duration] = args
    return args.length === 1 && duration instanceof Integer ? moment.plus(duration.value) : refuse('one duration')
  },
  Sub: (moment, args) => {
    const other = onlyTime(args)
    const nanoseconds = moment.nanoseconds - other.nanoseconds
    return new Integer(nanoseconds, 'time.Duration', durationText(nanoseconds))
  },
  Before: (moment, args) => moment.nanoseconds < onlyTime(args).nanoseconds,
  After: (moment, args) => moment.nanoseconds > onlyTime(args).nanoseconds,
  Equal: (moment, args) => moment.nanoseconds === onlyTime(args).nanoseconds,
}

export function methodOf(moment: Moment, name: string): Method | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  return method && ((args) => method(moment, args))
}

function plain(read: (moment: Moment) => Value): (moment: Moment, args: readonly Value[]) => Value {
  return (moment, args) => (args.length === 0 ? read(moment) : refuse('no arguments'))
}

function onlyTime(args: readonly Value[]): Moment {
  const [other] = args
  return args.length === 1 && other instanceof Moment ? other : refuse('one time')
}

function month(number: number): Integer {
  return new Integer(number, 'time.Month', monthNames[number - 1] ?? '')
}

function weekday(number: number): Integer {
  return new Integer(number, 'time.Weekday', weekdayNames[number] ?? '')
}

function refuse(wanted: string): never {
  throw new FunctionFailure(`it takes ${wanted}`)
}

import { CelEvaluationError } from '../errors.ts'
import { doubleText } from './double-text.ts'
import { durationText } from './duration.ts'
import { timestampText } from './timestamp.ts'
import type { List, Value } from './value.ts'

const clause = /%(?:%|(?:\.(\d+))?([sdfebxXo])|.?)/gs
const precisionMax = 1000

/** `'%s: %d'.format([...])` of the strings extension. */
export function formatted(format: string, args: List): string {
  let index = 0
  if (/(?:^|[^%])(?:%%)*%[.\d]*$/.test(format)) throw problem('unexpected end of string')
  const text = format.replaceAll(clause, (all, precision: string | undefined, verb: string | undefined) => {
    if (all === '%%') return '%'
    if (verb === undefined) throw problem('unrecognized formatting clause')
    if (index >= args.size) throw problem(`index ${index} out of range`)
    const value = args.at(index)
    index += 1
    return verbs[verb]?.(value, precisionOf(precision)) ?? ''
  })
  if (index < args.size) throw problem(`too many arguments (expected ${index}, got ${args.size})`)
  return text
}

function precisionOf(text: string | undefined): number | undefined {
  if (text !== undefined && Number(text) > precisionMax) throw problem('precision too large')
  return text === undefined ? undefined : Number(text)
}

type Verb = (value: Value, precision: number | undefined) => string

const verbs: Readonly<Record<string, Verb>> = {
  s: (value) => shown(value, false),
  d: (value) => integerOf(value).toString(),
  f: (value, precision) => real(value, (number) => fixed(number, precision ?? 6)),
  e: (value, precision) => real(value, (number) => exponent(number, precision ?? 6)),
  b: (value) => (typeof value === 'boolean' ? String(Number(value)) : integerOf(value).toString(2)),
  o: (value) => integerOf(value).toString(8),
  x: hexadecimal,
  X: (value) => hexadecimal(value).toUpperCase(),
}

function problem(text: string): CelEvaluationError {
  return new CelEvaluationError(`could not format: ${text}`)
}

function integerOf(value: Value): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'object' && value !== null && 'typeName' in value && value.typeName === 'uint')
    return value.value
  throw problem('the argument is not an integer')
}

function real(value: Value, write: (number: number) => string): string {
  if (typeof value !== 'number') throw problem('the argument is not a double')
  const number = value
  if (Number.isNaN(number)) return 'NaN'
  return Number.isFinite(number) ? write(number) : number > 0 ? 'Infinity' : '-Infinity'
}

/** With commas between the thousands. */
function fixed(number: number, precision: number): string {
  const [whole = '', fraction = ''] = plainFixed(number, precision).split('.')
  return `${whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',')}${fraction && `.${fraction}`}`
}

/** toFixed turns to exponents from 1e21 on. */
function plainFixed(number: number, precision: number): string {
  const digits = Math.min(100, precision)
  if (Math.abs(number) < 1e21) return number.toFixed(digits)
  return `${BigInt(number)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`
}

/** `1.5×10⁻⁰⁴`, as cel-go writes it. */
function exponent(number: number, precision: number): string {
  const [mantissa = '', power = ''] = number.toExponential(Math.min(100, precision)).split('e')
  const digits = power.replace(/^[-+]/, '').padStart(2, '0')
  const raised = digits.replaceAll(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(digit)))
  return `${mantissa}×10${power.startsWith('-') ? '⁻' : ''}${raised}`
}

function hexadecimal(value: Value): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex')
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : integerOf(value).toString(16)
}

function shown(value: Value, isNested: boolean): string {
  if (typeof value === 'string') return isNested ? JSON.stringify(value) : value
  if (typeof value === 'number') return isNested && Number.isFinite(value) ? plainFixed(value, 6) : doubleShown(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof Uint8Array) return wrapped(Buffer.from(value).toString(), isNested ? 'b' : undefined)
  switch (value.typeName) {
    case 'uint':
      return String(value.value)
    case 'google.protobuf.Timestamp':
      return wrapped(timestampText(value), isNested ? 'timestamp' : undefined)
    case 'google.protobuf.Duration':
      return wrapped(durationText(value), isNested ? 'duration' : undefined)
    case 'type':
      return value.name
    case 'list':
      return `[${[...value].map((item) => shown(item, true)).join(', ')}]`
    case 'map':
      return `{${entriesShown(value).join(', ')}}`
    default:
      throw problem('the argument has no text')
  }
}

/** Inside of a collection a text says what it is of. */
function wrapped(text: string, type: string | undefined): string {
  if (type === undefined) return text
  return type === 'b' ? `b${JSON.stringify(text)}` : `${type}(${JSON.stringify(text)})`
}

function entriesShown(map: { keys(): readonly Value[]; find(key: Value): Value | undefined }): string[] {
  return map
    .keys()
    .map((key) => `${shown(key, true)}:${shown(map.find(key) ?? null, true)}`)
    .sort()
}

function doubleShown(value: number): string {
  return Number.isFinite(value) ? doubleText(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
}

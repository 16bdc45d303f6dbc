import { CelEvaluationError } from '../errors.ts'
import { Duration, durationText, parseDuration } from '../values/duration.ts'
import { second } from '../values/duration.ts'
import { floorSeconds, parseTimestamp, Timestamp, timestampText } from '../values/timestamp.ts'
import { doubleText } from '../values/double-text.ts'
import { Uint } from '../values/uint.ts'
import { sizeOf, typeNameOf } from '../values/value.ts'
import { member, plain, walkCost } from './table.ts'
import type { FunctionTable } from './table.ts'

const timestamp = 'google.protobuf.Timestamp'
const duration = 'google.protobuf.Duration'

export const conversions: FunctionTable = {
  dyn: [plain(['T', '->', 'dyn'], (value) => value)],
  type: [plain(['T', '->', 'type(T)'], (value) => ({ typeName: 'type', name: typeNameOf(value) }))],
  size: ['string', 'bytes', 'list(T)', 'map(K: V)'].flatMap((type) => [
    plain([type, '->', 'int'], (value) => BigInt(sizeOf(value))),
    member([type, '->', 'int'], (value) => BigInt(sizeOf(value))),
  ]),
  bool: [
    plain(['bool', '->', 'bool'], (value) => value),
    plain(['string', '->', 'bool'], (text) => booleans.get(text) ?? refuse('bool')),
  ],
  int: [
    plain(['int', '->', 'int'], (value) => value),
    plain(['uint', '->', 'int'], ({ value }) => inRange(value, 'int')),
    plain(['double', '->', 'int'], (value) => inRange(whole(value), 'int')),
    plain(['string', '->', 'int'], (text) => (integerForm.test(text) ? inRange(BigInt(text), 'int') : refuse('int'))),
    plain([timestamp, '->', 'int'], ({ nanoseconds }) => floorSeconds(nanoseconds)),
    plain([duration, '->', 'int'], ({ nanoseconds }) => nanoseconds),
  ],
  uint: [
    plain(['uint', '->', 'uint'], (value) => value),
    plain(['int', '->', 'uint'], (value) => new Uint(inRange(value, 'uint'))),
    plain(['double', '->', 'uint'], (value) => new Uint(inRange(whole(value), 'uint'))),
    plain(['string', '->', 'uint'], (text) =>
      /^\d{1,20}$/.test(text) ? new Uint(inRange(BigInt(text), 'uint')) : refuse('uint'),
    ),
  ],
  double: [
    plain(['double', '->', 'double'], (value) => value),
    plain(['int', '->', 'double'], Number),
    plain(['uint', '->', 'double'], ({ value }) => Number(value)),
    plain(['string', '->', 'double'], toDouble),
  ],
  string: [
    plain(['string', '->', 'string'], (text) => text),
    plain(['bool', '->', 'string'], String),
    plain(['int', '->', 'string'], String),
    plain(['uint', '->', 'string'], ({ value }) => String(value)),
    plain(['double', '->', 'string'], doubleText),
    plain(['bytes', '->', 'string'], toText, walkCost(0)),
    plain([timestamp, '->', 'string'], timestampText),
    plain([duration, '->', 'string'], durationText),
  ],
  bytes: [
    plain(['bytes', '->', 'bytes'], (bytes) => bytes),
    plain(['string', '->', 'bytes'], (text) => new Uint8Array(Buffer.from(text)), walkCost(0)),
  ],
  timestamp: [
    plain([timestamp, '->', timestamp], (value) => value),
    plain(['int', '->', timestamp], (seconds) => new Timestamp(seconds * second)),
    plain(['string', '->', timestamp], (text) => parseTimestamp(text) ?? refuse('timestamp')),
  ],
  duration: [
    plain([duration, '->', duration], (value) => value),
    plain(['int', '->', duration], (nanoseconds) => new Duration(nanoseconds)),
    plain(['string', '->', duration], (text) => parseDuration(text) ?? refuse('duration')),
  ],
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
])

const integerForm = /^[-+]?\d{1,20}$/
const doubleForm = /^[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|inf(?:inity)?|nan)$/i

/** The value that was refused is not repeated: it may be anything. */
function refuse(type: string): never {
  throw new CelEvaluationError(`type conversion error from 'string' to '${type}'`)
}

function inRange(value: bigint, type: 'int' | 'uint'): bigint {
  const wrapped = type === 'int' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)
  if (wrapped !== value) throw new CelEvaluationError('integer overflow')
  return value
}

function whole(value: number): bigint {
  if (!Number.isFinite(value)) throw new CelEvaluationError('integer overflow')
  return BigInt(Math.trunc(value))
}

function toDouble(text: string): number {
  if (!doubleForm.test(text)) return refuse('double')
  if (/nan/i.test(text)) return Number.NaN
  if (/inf/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const value = Number(text)
  return Number.isFinite(value) ? value : refuse('double')
}

function toText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new CelEvaluationError('invalid UTF-8 in bytes, cannot convert to string')
  }
}

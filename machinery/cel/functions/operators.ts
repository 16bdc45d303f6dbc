import { CelEvaluationError, noSuchOverload } from '../errors.ts'
import { Duration } from '../values/duration.ts'
import { equalValues } from '../values/equality.ts'
import { joinedLists } from '../values/list.ts'
import { compareValues } from '../values/order.ts'
import { Timestamp } from '../values/timestamp.ts'
import { Uint } from '../values/uint.ts'
import { constantCost, itemsCost, plain, walkCost } from './table.ts'
import type { FunctionTable, Overload } from './table.ts'
import { none, Optional, sizeOf } from '../values/value.ts'
import type { List, Value } from '../values/value.ts'

const timestamp = 'google.protobuf.Timestamp'
const duration = 'google.protobuf.Duration'

const ordered = ['int', 'uint', 'double', 'string', 'bytes', 'bool', timestamp, duration] as const
const numeric = ['int', 'uint', 'double'] as const

/** The operators; `&&`, `||` and `?:` are no functions, since they may leave an operand unevaluated. */
export const operators: FunctionTable = {
  '_==_': [
    plain(['T', 'T', '->', 'bool'], (a, b, meter) => equalValues(a, b, (cost) => meter.charge(cost)), equalCost),
  ],
  '_!=_': [
    plain(['T', 'T', '->', 'bool'], (a, b, meter) => !equalValues(a, b, (cost) => meter.charge(cost)), equalCost),
  ],
  '_<_': comparison((order) => order < 0),
  '_<=_': comparison((order) => order <= 0),
  '_>_': comparison((order) => order > 0),
  '_>=_': comparison((order) => order >= 0),
  _in_: [
    plain(
      ['T', 'list(T)', '->', 'bool'],
      (item, list, meter) => {
        for (const each of list) if (equalValues(each, item, (cost) => meter.charge(cost))) return true
        return false
      },
      itemsCost(1),
    ),
    plain(['K', 'map(K: V)', '->', 'bool'], (key, map) => map.find(key) !== undefined),
  ],
  '_+_': [
    plain(['int', 'int', '->', 'int'], (a, b) => int(a + b)),
    plain(['uint', 'uint', '->', 'uint'], (a, b) => uint(a.value + b.value)),
    plain(['double', 'double', '->', 'double'], (a, b) => a + b),
    plain(['string', 'string', '->', 'string'], (a, b) => a + b, sumCost),
    plain(['bytes', 'bytes', '->', 'bytes'], (a, b) => new Uint8Array(Buffer.concat([a, b])), sumCost),
    plain(['list(T)', 'list(T)', '->', 'list(T)'], joinedLists, unionCost),
    plain([duration, duration, '->', duration], (a, b) => new Duration(a.nanoseconds + b.nanoseconds)),
    plain([timestamp, duration, '->', timestamp], (a, b) => new Timestamp(a.nanoseconds + b.nanoseconds)),
    plain([duration, timestamp, '->', timestamp], (a, b) => new Timestamp(a.nanoseconds + b.nanoseconds)),
  ],
  '_-_': [
    plain(['int', 'int', '->', 'int'], (a, b) => int(a - b)),
    plain(['uint', 'uint', '->', 'uint'], (a, b) => uint(a.value - b.value)),
    plain(['double', 'double', '->', 'double'], (a, b) => a - b),
    plain([duration, duration, '->', duration], (a, b) => new Duration(a.nanoseconds - b.nanoseconds)),
    plain([timestamp, duration, '->', timestamp], (a, b) => new Timestamp(a.nanoseconds - b.nanoseconds)),
    plain([timestamp, timestamp, '->', duration], (a, b) => new Duration(a.nanoseconds - b.nanoseconds)),
  ],
  '_*_': [
    plain(['int', 'int', '->', 'int'], (a, b) => int(a * b)),
    plain(['uint', 'uint', '->', 'uint'], (a, b) => uint(a.value * b.value)),
    plain(['double', 'double', '->', 'double'], (a, b) => a * b),
  ],
  '_/_': [
    plain(['int', 'int', '->', 'int'], (a, b) => int(a / divisor(b, 'division by zero'))),
    plain(['uint', 'uint', '->', 'uint'], (a, b) => uint(a.value / divisor(b.value, 'division by zero'))),
    plain(['double', 'double', '->', 'double'], (a, b) => a / b),
  ],
  '_%_': [
    plain(['int', 'int', '->', 'int'], (a, b) => int(a % divisor(b, 'modulus by zero'))),
    plain(['uint', 'uint', '->', 'uint'], (a, b) => uint(a.value % divisor(b.value, 'modulus by zero'))),
  ],
  '!_': [plain(['bool', '->', 'bool'], (value) => !value)],
  '-_': [plain(['int', '->', 'int'], (value) => int(-value)), plain(['double', '->', 'double'], (value) => -value)],
  '_[_]': [
    plain(['list(T)', 'int', '->', 'T'], (list, index) => itemAt(list, index)),
    plain(['map(K: V)', 'K', '->', 'V'], (map, key) => map.find(key) ?? missing(key)),
    plain(['optional(list(T))', 'int', '->', 'optional(T)'], (list, index) => optionalAt(list.value, index)),
    plain(['optional(map(K: V))', 'K', '->', 'optional(V)'], (map, key) => optionalAt(map.value, key)),
  ],
  '_[?_]': [
    plain(['list(T)', 'int', '->', 'optional(T)'], optionalAt),
    plain(['map(K: V)', 'K', '->', 'optional(V)'], optionalAt),
    plain(['optional(list(T))', 'int', '->', 'optional(T)'], (list, index) => optionalAt(list.value, index)),
    plain(['optional(map(K: V))', 'K', '->', 'optional(V)'], (map, key) => optionalAt(map.value, key)),
  ],
}

/** Numbers are comparable across their types, everything else with its like. */
function comparison(test: (order: number) => boolean): readonly Overload[] {
  const pairs: readonly (readonly [string, string])[] = [
    ...ordered.map((type) => [type, type] as const),
    ...numeric.flatMap((left) => numeric.filter((right) => right !== left).map((right) => [left, right] as const)),
  ]
  return pairs.map(([left, right]) =>
    plain(
      [left, right, '->', 'bool'],
      (a: Value, b: Value) => test(compareValues(a, b)),
      left === 'string' || left === 'bytes' ? equalCost : constantCost,
    ),
  )
}

function int(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new CelEvaluationError('integer overflow')
  return value
}

function uint(value: bigint): Uint {
  if (BigInt.asUintN(64, value) !== value) throw new CelEvaluationError('unsigned integer overflow')
  return new Uint(value)
}

function divisor(value: bigint, problem: string): bigint {
  if (value === 0n) throw new CelEvaluationError(problem)
  return value
}

function itemAt(list: List, index: bigint): Value {
  if (index < 0n || index >= BigInt(list.size)) throw new CelEvaluationError(`index out of bounds: ${index}`)
  return list.at(Number(index))
}

function missing(key: Value): never {
  const shown = typeof key === 'string' || typeof key === 'bigint' || typeof key === 'boolean' ? `: ${key}` : ''
  throw new CelEvaluationError(`no such key${shown}`)
}

function optionalAt(collection: Value | undefined, key: Value): Optional {
  if (collection === undefined) return none
  if (typeof collection !== 'object' || collection === null || !('typeName' in collection)) throw noSuchOverload()
  if (collection.typeName === 'map') return new Optional(collection.find(key))
  if (collection.typeName !== 'list' || typeof key !== 'bigint') throw noSuchOverload()
  return key < 0n || key >= BigInt(collection.size) ? none : new Optional(collection.at(Number(key)))
}

function equalCost([left = null, right = null]: readonly Value[]): number {
  const isOpaque = typeof left === 'object' && left !== null && 'equals' in left
  return isOpaque ? 1 : Math.ceil(Math.min(sizeOf(left), sizeOf(right)) * 0.1)
}

function sumCost([left = null, right = null]: readonly Value[]): number {
  return Math.ceil((sizeOf(left) + sizeOf(right)) * 0.1)
}

/** A sum of sets is made at once, one of lists is not. */
function unionCost(args: readonly Value[]): number {
  const [left] = args
  const isSet = typeof left === 'object' && left !== null && 'identity' in left && left.identity !== undefined
  return isSet ? 1 + walkCost(0)(args) + walkCost(1)(args) : 1
}

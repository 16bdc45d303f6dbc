import { CelEvaluationError } from '../errors.ts'
import { Duration } from '../values/duration.ts'
import { equalValues } from '../values/equality.ts'
import { listOf } from '../values/list.ts'
import { compareValues } from '../values/order.ts'
import { Uint } from '../values/uint.ts'
import type { Meter } from '../meter.ts'
import { operators } from './operators.ts'
import { itemsCost, member, plain } from './table.ts'
import type { FunctionTable, Overload } from './table.ts'
import { List, none, Optional, sizeOf } from '../values/value.ts'
import type { Value } from '../values/value.ts'

const duration = 'google.protobuf.Duration'
const timestamp = 'google.protobuf.Timestamp'
const ordered = ['int', 'uint', 'double', 'bool', duration, timestamp, 'string', 'bytes'] as const

/** The lists library of Kubernetes, and version 3 of the lists extension. */
export const lists: FunctionTable = {
  isSorted: ofOrdered((type) => member([`list(${type})`, '->', 'bool'], isSorted, partsCost)),
  min: ofOrdered((type) => member([`list(${type})`, '->', type], (list: List) => extreme(list, 'min'), partsCost)),
  max: ofOrdered((type) => member([`list(${type})`, '->', type], (list: List) => extreme(list, 'max'), partsCost)),
  sum: [
    member(['list(int)', '->', 'int'], (list, meter) => sum(list, 0n, meter), itemsCost(0)),
    member(['list(uint)', '->', 'uint'], (list, meter) => sum(list, new Uint(0n), meter), itemsCost(0)),
    member(['list(double)', '->', 'double'], (list, meter) => sum(list, 0, meter), itemsCost(0)),
    member([`list(${duration})`, '->', duration], (list, meter) => sum(list, new Duration(0n), meter), itemsCost(0)),
  ],
  indexOf: [member(['list(T)', 'T', '->', 'int'], (list, item, meter) => indexOf(list, item, meter), partsCost)],
  lastIndexOf: [member(['list(T)', 'T', '->', 'int'], lastIndexOf, partsCost)],
  slice: [member(['list(T)', 'int', 'int', '->', 'list(T)'], slice)],
  flatten: [
    member(['list(list(T))', '->', 'list(T)'], (list, meter) => listOf(flat(list, 1n, meter))),
    member(['list(dyn)', 'int', '->', 'list(dyn)'], flattened),
  ],
  sort: ofOrdered((type) =>
    member([`list(${type})`, '->', `list(${type})`], (list: List) => listOf([...list].sort(compareValues)), sortCost),
  ),
  reverse: [member(['list(T)', '->', 'list(T)'], reversed)],
  distinct: [member(['list(T)', '->', 'list(T)'], distinct, itemsCost(0))],
  'lists.range': [plain(['int', '->', 'list(int)'], range)],
  first: [member(['list(T)', '->', 'optional(T)'], (list) => itemOrNone(list, 0))],
  last: [member(['list(T)', '->', 'optional(T)'], (list) => itemOrNone(list, list.size - 1))],
}

function ofOrdered(make: (type: string) => Overload): readonly Overload[] {
  return ordered.map(make)
}

/** A step for an item, and one for each ten characters of it. */
function partsCost([list]: readonly Value[]): number {
  let cost = 0
  if (list instanceof List) for (const item of list) cost += isText(item) ? 1 + Math.ceil(sizeOf(item) * 0.1) : 1
  return cost
}

function isText(value: Value): boolean {
  return typeof value === 'string' || value instanceof Uint8Array
}

function sortCost(args: readonly Value[]): number {
  const [list = null] = args
  return 10 + partsCost(args) * Math.ceil(Math.log2(sizeOf(list) + 2))
}

function isSorted(list: List): boolean {
  for (let index = 1; index < list.size; index += 1) {
    if (compareValues(list.at(index - 1), list.at(index)) > 0) return false
  }
  return true
}

function extreme(list: List, which: 'min' | 'max'): Value {
  if (list.size === 0) throw new CelEvaluationError(`${which} called on empty list`)
  let best = list.at(0)
  for (const item of list) {
    const order = compareValues(item, best)
    if (which === 'min' ? order < 0 : order > 0) best = item
  }
  return best
}

/** By the operator, so that an overflow is one here too. */
function sum(list: List, zero: Value, meter: Meter): Value {
  const overloads = operators['_+_'] ?? []
  let total = zero
  for (const item of list) {
    const pair = [total, item]
    const add = overloads.find((overload) => overload.accepts(pair))
    if (add === undefined) throw new CelEvaluationError('no such overload')
    total = add.call(pair, meter)
  }
  return total
}

function indexOf(list: List, item: Value, meter: Meter): bigint {
  for (let index = 0; index < list.size; index += 1) {
    if (equalValues(list.at(index), item, (cost) => meter.charge(cost))) return BigInt(index)
  }
  return -1n
}

function lastIndexOf(list: List, item: Value, meter: Meter): bigint {
  const at = indexOf(reversed(list), item, meter)
  return at < 0n ? at : BigInt(list.size - 1) - at
}

function slice(list: List, from: bigint, to: bigint): List {
  const call = `cannot slice(${from}, ${to})`
  if (from < 0n || to < 0n) throw new CelEvaluationError(`${call}, negative indexes not supported`)
  if (from > to) throw new CelEvaluationError(`${call}, start index must be less than or equal to end index`)
  if (to > BigInt(list.size)) throw new CelEvaluationError(`${call}, list is length ${list.size}`)
  return new List(Number(to - from), (index) => list.at(Number(from) + index))
}

const flattenDepthMax = 200n

function flattened(list: List, depth: bigint, meter: Meter): List {
  if (depth < 0n) throw new CelEvaluationError('level must be non-negative')
  return listOf(flat(list, depth > flattenDepthMax ? flattenDepthMax : depth, meter))
}

function flat(list: List, depth: bigint, meter: Meter): Value[] {
  const items: Value[] = []
  for (const item of list) {
    meter.charge(1)
    if (item instanceof List && depth > 0n) for (const inner of flat(item, depth - 1n, meter)) items.push(inner)
    else items.push(item)
  }
  return items
}

function reversed(list: List): List {
  return new List(list.size, (index) => list.at(list.size - 1 - index))
}

/** Each item is compared with those that were kept. */
function distinct(list: List, meter: Meter): List {
  const kept: Value[] = []
  for (const item of list) {
    meter.charge(kept.length)
    if (!kept.some((each) => equalValues(each, item, (cost) => meter.charge(cost)))) kept.push(item)
  }
  return listOf(kept)
}

/** Charged for before its items are asked for, however many there are. */
function range(count: bigint, meter: Meter): List {
  const size = count < 0n ? 0 : Number(count)
  meter.charge(size)
  return new List(size, BigInt)
}

function itemOrNone(list: List, index: number): Optional {
  return list.size === 0 ? none : new Optional(list.at(index))
}

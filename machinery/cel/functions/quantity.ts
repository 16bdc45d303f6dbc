import { CelEvaluationError } from '../errors.ts'
import { parseQuantity, Quantity } from '../opaque/quantity.ts'
import type { Opaque } from '../values/value.ts'
import { member, plain, walkCost } from './table.ts'
import type { FunctionTable, Overload } from './table.ts'

const type = 'kubernetes.Quantity'

export const quantity: FunctionTable = {
  quantity: [plain(['string', '->', type], (text) => parseQuantity(text) ?? refuse(), walkCost(0))],
  isQuantity: [plain(['string', '->', 'bool'], (text) => parseQuantity(text) !== undefined, walkCost(0))],
  // Documented as a member, declared as a plain function: both are taken.
  sign: [
    plain([type, '->', 'int'], (value) => BigInt(order(billionths(value), 0n))),
    member([type, '->', 'int'], (value) => BigInt(order(billionths(value), 0n))),
  ],
  isInteger: [member([type, '->', 'bool'], (value) => asQuantity(value).integer !== undefined)],
  asInteger: [member([type, '->', 'int'], (value) => asQuantity(value).integer ?? notInteger())],
  asApproximateFloat: [member([type, '->', 'double'], (value) => asQuantity(value).approximateFloat)],
  isGreaterThan: comparison('bool', (sign) => sign > 0),
  isLessThan: comparison('bool', (sign) => sign < 0),
  compareTo: comparison('int', BigInt),
  add: sum(1n),
  sub: sum(-1n),
}

function comparison(result: 'bool' | 'int', of: (sign: number) => boolean | bigint): readonly Overload[] {
  return [member([type, type, '->', result], (left, right) => of(order(billionths(left), billionths(right))))]
}

function sum(sign: bigint): readonly Overload[] {
  return [
    member([type, type, '->', type], (left, right) => asQuantity(left).plus(asQuantity(right), sign)),
    member([type, 'int', '->', type], (left, right) => asQuantity(left).plus(Quantity.ofInteger(right), sign)),
  ]
}

function order(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function asQuantity(value: Opaque): Quantity {
  if (value instanceof Quantity) return value
  throw new CelEvaluationError('no such overload')
}

function billionths(value: Opaque): bigint {
  return asQuantity(value).billionths
}

function refuse(): never {
  throw new CelEvaluationError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  )
}

function notInteger(): never {
  throw new CelEvaluationError('cannot convert value to integer')
}

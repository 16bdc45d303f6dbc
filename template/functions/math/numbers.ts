import { int, int64, type Integer, List, type Value } from '../../value.ts'
import { defaultText } from '../../format/print.ts'
import { toFloat, toInteger } from '../conversions.ts'
import { type Decimal, decimalOf, dividedBy, floatOf, minus, plus, times } from './decimal.ts'
import { type CallContext, FunctionFailure, type FunctionTable, takes } from '../definition.ts'

const max = takes(['any', 'any...'], ([first, others]) => extreme([first, ...others], (a, b) => a > b))

export const numberFunctions: FunctionTable = {
  atoi: takes(['string'], ([text]) => {
    const value = /^[+-]?[0-9]+$/.test(text) ? BigInt(text.replace('+', '')) : 0n
    return int(value === BigInt.asIntN(64, value) ? value : 0n)
  }),
  int: takes(['any'], ([value]) => int(toInteger(value))),
  int64: takes(['any'], ([value]) => int64(toInteger(value))),
  float64: takes(['any'], ([value]) => toFloat(value)),
  toDecimal: takes(['any'], ([value], { budget }) => {
    const [, sign, digits] = /^([+-]?)([0-7]+)$/.exec(defaultText(value, budget)) ?? []
    const octal = digits === undefined || digits.length > 22 ? 0n : BigInt(`0o${digits}`)
    return int64(octal >= 2n ** 63n ? 0n : sign === '-' ? -octal : octal)
  }),
  add: takes(['any...'], ([values]) => int64(values.reduce((sum: bigint, value) => sum + toInteger(value), 0n))),
  sub: takes(['any', 'any'], ([a, b]) => int64(toInteger(a) - toInteger(b))),
  mul: takes(['any', 'any...'], ([first, others]) =>
    int64(others.reduce((product: bigint, value) => BigInt.asIntN(64, product * toInteger(value)), toInteger(first))),
  ),
  div: takes(['any', 'any'], ([a, b]) => int64(toInteger(a) / divisor(b))),
  mod: takes(['any', 'any'], ([a, b]) => int64(toInteger(a) % divisor(b))),
  add1: takes(['any'], ([value]) => int64(toInteger(value) + 1n)),
  max,
  biggest: max,
  min: takes(['any', 'any...'], ([first, others]) => extreme([first, ...others], (a, b) => a < b)),
  addf: takes(['any...'], ([values]) => folded([0, ...values], plus)),
  add1f: takes(['any'], ([value]) => folded([value, 1], plus)),
  subf: takes(['any', 'any...'], ([first, others]) => folded([first, ...others], minus)),
  mulf: takes(['any', 'any...'], ([first, others]) => folded([first, ...others], times)),
  divf: takes(['any', 'any...'], ([first, others]) =>
    folded([first, ...others], (a, b) => {
      if (b.coefficient === 0n) throw new FunctionFailure('decimal division by 0')
      return dividedBy(a, b)
    }),
  ),
  maxf: takes(['any', 'any...'], ([first, others]) => Math.max(toFloat(first), ...others.map(toFloat))),
  minf: takes(['any', 'any...'], ([first, others]) => Math.min(toFloat(first), ...others.map(toFloat))),
  ceil: takes(['any'], ([value]) => Math.ceil(toFloat(value))),
  floor: takes(['any'], ([value]) => Math.floor(toFloat(value))),
  round: takes(['any', 'int', 'float64...'], ([value, places, [roundOn = 0.5]]) => {
    const scale = 10 ** places
    const scaled = toFloat(value) * scale
    const fraction = scaled - Math.trunc(scaled)
    return (fraction >= roundOn ? Math.ceil(scaled) : Math.floor(scaled)) / scale
  }),
  until: takes(['int'], ([count], context) =>
    intList(steps({ start: 0, end: count, step: count < 0 ? -1 : 1 }, context)),
  ),
  untilStep: takes(['int', 'int', 'int'], ([start, end, step], context) =>
    intList(steps({ start, end, step }, context)),
  ),
  seq: takes(['int...'], ([bounds], context) => sequence(bounds, context)),
  randInt: takes(['int', 'int'], ([least, below], { random }) => {
    if (below <= least) throw new FunctionFailure('the second number must be above the first')
    return int(least + randomBelow(below - least, random))
  }),
}

function divisor(value: Value): bigint {
  const number = toInteger(value)
  if (number === 0n) throw new FunctionFailure('runtime error: integer divide by zero')
  return number
}

function extreme(values: readonly Value[], isBetter: (a: bigint, b: bigint) => boolean): Integer {
  return int64(values.map(toInteger).reduce((best, value) => (isBetter(value, best) ? value : best)))
}

function folded(values: readonly Value[], operate: (a: Decimal, b: Decimal) => Decimal): number {
  if (values.length > 1_000) throw new FunctionFailure('more than 1000 numbers')
  const decimals = values.map((value) => {
    const float = toFloat(value)
    if (!Number.isFinite(float)) throw new FunctionFailure('the number is not finite')
    return decimalOf(float)
  })
  return floatOf(decimals.reduce(operate))
}

interface Steps {
  readonly start: number
  readonly end: number
  readonly step: number
}

function steps({ start, end, step }: Steps, { budget }: CallContext): number[] {
  if (step === 0 || end < start !== step < 0) return []
  const count = Math.ceil((end - start) / step)
  budget.spend(count)
  budget.reserve(16 * count)
  return Array.from({ length: count }, (_, index) => start + index * step)
}

function intList(numbers: readonly number[]): List {
  return new List(
    numbers.map((number) => int(number)),
    'int',
  )
}

/** As the Unix tool: last; first and last; first, step and last. */
function sequence(bounds: readonly number[], context: CallContext): string {
  const [first = 1, second = 0, third = 0] = bounds
  if (bounds.length === 0 || bounds.length > 3) return ''
  const start = bounds.length === 1 ? 1 : first
  const end = bounds.length === 1 ? first : bounds.length === 2 ? second : third
  const direction = end < start ? -1 : 1
  const step = bounds.length === 3 ? second : direction
  if (bounds.length === 3 && direction < 0 && step > 0) return ''
  return steps({ start, end: end + direction, step }, context).join(' ')
}

/** Below 2^48, without favouring small numbers. */
export function randomBelow(limit: number, random: CallContext['random']): number {
  const span = 2 ** 48
  const usable = span - (span % limit)
  for (;;) {
    const value = Buffer.from(random(6)).readUIntBE(0, 6)
    if (value < usable) return value % limit
  }
}

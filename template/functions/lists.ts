import { isDeepEqual } from '../compare.ts'
import { anyType, isTrue, List, typeName, type Value } from '../value.ts'
import { toInteger } from './conversions.ts'
import { type CallContext, FunctionFailure, type FunctionTable, takes } from './definition.ts'

const list = takes(['any...'], ([values], { budget }) => new List(paid(values, { budget })))
const push = takes(
  ['any', 'any'],
  ([value, added], context) => new List([...paid(itemsOf(value, 'push on'), context), added]),
)
const prepend = takes(
  ['any', 'any'],
  ([value, added], context) => new List([added, ...paid(itemsOf(value, 'prepend on'), context)]),
)
const first = takes(['any'], ([value]) => itemsOf(value, 'find first on')[0] ?? null)
const last = takes(['any'], ([value]) => itemsOf(value, 'find last on').at(-1) ?? null)
const rest = takes(['any'], ([value], context) => new List(paid(itemsOf(value, 'find rest on'), context).slice(1)))
const initial = takes(
  ['any'],
  ([value], context) => new List(paid(itemsOf(value, 'find initial on'), context).slice(0, -1)),
)
const reverse = takes(
  ['any'],
  ([value], context) => new List(paid(itemsOf(value, 'find reverse on'), context).reverse()),
)
const compact = takes(
  ['any'],
  ([value], context) => new List(paid(itemsOf(value, 'compact on'), context).filter((item) => isTrue(item))),
)
const uniq = takes(['any'], ([value], context) => {
  const unique: Value[] = []
  for (const item of paid(itemsOf(value, 'find uniq on'), context)) if (!isIn(item, unique, context)) unique.push(item)
  return new List(unique)
})
const without = takes(
  ['any', 'any...'],
  ([value, omitted], context) =>
    new List(paid(itemsOf(value, 'find without on'), context).filter((item) => !isIn(item, omitted, context))),
)
const has = takes(['any', 'any'], ([needle, value], context) =>
  value === null ? false : isIn(needle, itemsOf(value, 'find has on'), context),
)
const chunk = takes(['int', 'any'], ([size, value], context) => {
  const items = paid(itemsOf(value, 'chunk type'), context)
  if (size <= 0) throw new FunctionFailure('the size of a chunk is a positive number')
  const chunks: Value[] = []
  for (let index = 0; index < items.length; index += size) chunks.push(new List(items.slice(index, index + size)))
  return new List(chunks, `[]${anyType}`)
})
const slice = takes(['any', 'any...'], ([value, bounds], context) => {
  const items = paid(itemsOf(value, 'slice on'), context)
  if (items.length === 0) return null
  const start = bounds[0] === undefined ? 0 : Number(toInteger(bounds[0]))
  const end = bounds[1] === undefined ? items.length : Number(toInteger(bounds[1]))
  if (start < 0 || end > items.length || start > end) throw new FunctionFailure('slice index out of bounds')
  return new List(items.slice(start, end), value instanceof List ? value.element : anyType)
})

/** The `must` form of each raises the same errors: a template cannot tell Go's panics from its errors. */
export const listFunctions: FunctionTable = {
  list,
  tuple: list,
  append: push,
  push,
  mustAppend: push,
  mustPush: push,
  prepend,
  mustPrepend: prepend,
  concat: takes(['any...'], ([values], context) => {
    const items = values.flatMap((value) => itemsOf(value, 'concat'))
    return new List(paid(items, context))
  }),
  first,
  mustFirst: first,
  last,
  mustLast: last,
  rest,
  mustRest: rest,
  initial,
  mustInitial: initial,
  reverse,
  mustReverse: reverse,
  compact,
  mustCompact: compact,
  uniq,
  mustUniq: uniq,
  without,
  mustWithout: without,
  has,
  mustHas: has,
  chunk,
  mustChunk: chunk,
  slice,
  mustSlice: slice,
}

function itemsOf(value: Value, about: string): Value[] {
  if (value instanceof List) return value.items
  throw new FunctionFailure(`cannot ${about} type ${typeName(value)}`)
}

/** A copy of the items, which the budget knows of. */
function paid(items: readonly Value[], { budget }: Pick<CallContext, 'budget'>): Value[] {
  budget.reserve(16 * items.length)
  return [...items]
}

function isIn(needle: Value, items: readonly Value[], { budget }: CallContext): boolean {
  budget.spend(1 + (items.length >> 3))
  return items.some((item) => isDeepEqual(needle, item))
}

import { BudgetSpent } from '../exec/budget.ts'
import { defaultText } from '../format/print.ts'
import { anyType, Dictionary, isTrue, List, stringList, type Value } from '../value.ts'
import { type CallContext, FunctionFailure, type FunctionTable, takes } from './definition.ts'

const merge = takes(['dictionary', 'dictionary...'], ([target, sources], context) => {
  for (const source of sources) mergeInto(target, source, { overwrites: false, context })
  return target
})
const mergeOverwrite = takes(['dictionary', 'dictionary...'], ([target, sources], context) => {
  for (const source of sources) mergeInto(target, source, { overwrites: true, context })
  return target
})
const deepCopy = takes(['any'], ([value], context) => copied(value, context))

/** `keys` and `values` come in the order of the keys, where Go's is random. */
export const dictionaryFunctions: FunctionTable = {
  dict: takes(['any...'], ([values], { budget }) => {
    budget.reserve(32 * values.length)
    const dictionary = new Dictionary()
    for (let index = 0; index < values.length; index += 2) {
      dictionary.entries.set(
        defaultText(values[index] ?? null, budget),
        index + 1 < values.length ? (values[index + 1] ?? null) : '',
      )
    }
    return dictionary
  }),
  get: takes(['dictionary', 'string'], ([{ entries }, key]) => (entries.has(key) ? (entries.get(key) ?? null) : '')),
  set: takes(['dictionary', 'string', 'any'], ([dictionary, key, value]) => {
    dictionary.entries.set(key, value)
    return dictionary
  }),
  unset: takes(['dictionary', 'string'], ([dictionary, key]) => {
    dictionary.entries.delete(key)
    return dictionary
  }),
  hasKey: takes(['dictionary', 'string'], ([{ entries }, key]) => entries.has(key)),
  pluck: takes(
    ['string', 'dictionary...'],
    ([key, dictionaries]) =>
      new List(dictionaries.flatMap(({ entries }) => (entries.has(key) ? [entries.get(key) ?? null] : []))),
  ),
  keys: takes(['dictionary...'], ([dictionaries], { budget }) => {
    const keys = dictionaries.flatMap((one) => one.sorted().map(([key]) => key))
    budget.reserve(16 * keys.length)
    return stringList(keys)
  }),
  values: takes(['dictionary'], ([dictionary], { budget }) => {
    budget.reserve(16 * dictionary.entries.size)
    return new List(dictionary.sorted().map(([, value]) => value))
  }),
  pick: takes(
    ['dictionary', 'string...'],
    ([{ entries }, keys]) =>
      new Dictionary(keys.filter((key) => entries.has(key)).map((key) => [key, entries.get(key) ?? null])),
  ),
  omit: takes(['dictionary', 'string...'], ([{ entries }, keys], { budget }) => {
    budget.reserve(32 * entries.size)
    return new Dictionary([...entries].filter(([key]) => !keys.includes(key)))
  }),
  merge,
  mustMerge: merge,
  mergeOverwrite,
  mustMergeOverwrite: mergeOverwrite,
  dig: takes(['any', 'any', 'any', 'any...'], ([first, second, third, others]) =>
    dig([first, second, third, ...others]),
  ),
  deepCopy,
  mustDeepCopy: deepCopy,
}

/** Keys, then what is answered if one of them is not there, then the dictionary. */
function dig(args: readonly Value[]): Value {
  const keys = args.slice(0, -2)
  let value: Value = args.at(-1) ?? null
  for (const key of keys) {
    if (typeof key !== 'string') throw new FunctionFailure('the keys are strings')
    if (!(value instanceof Dictionary) || value.element !== anyType) {
      throw new FunctionFailure('only a map with values of any type can be dug into')
    }
    if (!value.entries.has(key)) return args.at(-2) ?? null
    value = value.entries.get(key) ?? null
  }
  return value
}

const depthMax = 100

/** Dictionaries within are merged; else the right wins where it overwrites, or where the left is empty. */
function mergeInto(
  target: Dictionary,
  source: Dictionary,
  way: { readonly overwrites: boolean; readonly context: CallContext; readonly depth?: number },
): void {
  const { depth = 0 } = way
  if (depth > depthMax) throw new BudgetSpent(`values nested over ${depthMax} deep`)
  for (const [key, value] of source.entries) {
    way.context.budget.reserve(32)
    const before = target.entries.get(key)
    const hasValue = before !== undefined && before !== null && isTrue(before)
    if (value instanceof Dictionary && before instanceof Dictionary && hasValue) {
      mergeInto(before, value, { ...way, depth: depth + 1 })
    } else if (way.overwrites || (!hasValue && value !== null)) target.entries.set(key, value)
  }
}

function copied(value: Value, context: CallContext, depth = 0): Value {
  if (depth > depthMax) throw new BudgetSpent(`values nested over ${depthMax} deep`)
  context.budget.reserve(16)
  if (value instanceof List) {
    return new List(
      value.items.map((item) => copied(item, context, depth + 1)),
      value.element,
    )
  }
  if (!(value instanceof Dictionary)) return value
  const entries = [...value.entries].map(([key, one]): [string, Value] => [key, copied(one, context, depth + 1)])
  return new Dictionary(entries, value.element)
}

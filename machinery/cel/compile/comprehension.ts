import { noSuchOverload } from '../errors.ts'
import type { Comprehension } from '../syntax/expression.ts'
import { dyn, simple, typeText } from '../type.ts'
import type { CelType } from '../type.ts'
import { folds } from './folds.ts'
import type { Compiled, Compiler, Frame, Scope } from './scope.ts'
import { declared } from './scope.ts'
import { compileOptionalMap } from './optional-map.ts'
import { List, Mapping } from '../values/value.ts'
import type { Value } from '../values/value.ts'

/** `range.macro(names, bodies)`: the bodies are evaluated once an item. */
export function compileComprehension(
  compiler: Compiler,
  expression: Comprehension & { readonly at: number },
  scope: Scope | undefined,
): Compiled {
  const { macro, names, bodies } = expression
  const range = compiler.compile(expression.range, scope)
  if (macro === 'optMap' || macro === 'optFlatMap') return compileOptionalMap(compiler, { expression, range }, scope)
  const types = itemTypes(range.type, names.length)
  if (types === undefined) {
    const type = typeText(range.type)
    throw compiler.fail(
      expression.range.at,
      `expression of type '${type}' cannot be range of a comprehension (must be list, map, or dynamic)`,
    )
  }
  const inner = names.reduce<Scope | undefined>((parent, name, index) => {
    return declared(name, types[index] ?? dyn, parent)
  }, scope)
  const slots = names.map((_, index) => (scope === undefined ? 0 : scope.slot + 1) + index)
  const fold = folds[macro]?.(compiler, bodies, { inner, items: types.at(-1) ?? dyn, keys: types[0] ?? dyn })
  if (fold === undefined) throw compiler.fail(expression.at, `undeclared reference to '${macro}' (in container '')`)
  const run = (frame: Frame): Value => fold.run(frame, () => steps(range.run(frame), frame, slots))
  return { type: fold.type, run }
}

/** The types of the variables; undefined for what cannot be walked along. */
function itemTypes(type: CelType, count: number): readonly CelType[] | undefined {
  if (type.kind === 'dyn') return Array.from({ length: count }, () => dyn)
  if (type.kind === 'list') return count === 1 ? [type.item] : [simple('int'), type.item]
  if (type.kind === 'map') return count === 1 ? [type.key] : [type.key, type.value]
  return undefined
}

/** Sets the variables to one item after the other, and hands the item on: a list has indices, a map keys. */
function* steps(range: Value, { values }: Frame, slots: readonly number[]): Generator<readonly [Value, Value]> {
  const [first = 0, second] = slots
  for (const [key, value] of pairsOf(range)) {
    values[first] = second === undefined && range instanceof List ? value : key
    if (second !== undefined) values[second] = value
    yield [key, second === undefined && range instanceof Mapping ? key : value]
  }
}

function* pairsOf(range: Value): Generator<readonly [Value, Value]> {
  if (range instanceof List) {
    for (let index = 0; index < range.size; index += 1) yield [BigInt(index), range.at(index)]
  } else if (range instanceof Mapping) {
    for (const key of range.keys()) yield [key, range.find(key) ?? null]
  } else {
    throw noSuchOverload()
  }
}

import { commonType } from '../assignability.ts'
import { noSuchOverload } from '../errors.ts'
import type { ListItem, MapEntry } from '../syntax/expression.ts'
import { dyn, typeText } from '../type.ts'
import type { CelType } from '../type.ts'
import { listOf } from '../values/list.ts'
import { mappingOf } from '../values/mapping.ts'
import { constant } from './scope.ts'
import type { Compiled, Compiler, Frame, Scope } from './scope.ts'
import { Optional } from '../values/value.ts'
import type { Value } from '../values/value.ts'

const listCost = 10
const mapCost = 30

export function compileList(compiler: Compiler, items: readonly ListItem[], scope: Scope | undefined): Compiled {
  const parts = items.map((item) => compilePart(compiler, item, scope))
  const type: CelType = { kind: 'list', item: oneType(compiler, parts) }
  const constants = parts.map(({ compiled }) => compiled.constant)
  if (isAllConstant(constants) && parts.every((part) => !part.isOptional)) return constant(type, listOf(constants))
  const run = (frame: Frame): Value => {
    const values: Value[] = []
    for (const part of parts) {
      const value = partValue(part, frame)
      if (value !== undefined) values.push(value)
    }
    frame.meter.charge(listCost)
    return listOf(values)
  }
  return { type, run }
}

export function compileMap(compiler: Compiler, entries: readonly MapEntry[], scope: Scope | undefined): Compiled {
  const keys = entries.map(({ key }) => ({ compiled: compiler.compile(key, scope), isOptional: false, at: key.at }))
  const parts = entries.map((entry) => compilePart(compiler, entry, scope))
  const type: CelType = { kind: 'map', key: oneType(compiler, keys), value: oneType(compiler, parts) }
  const run = (frame: Frame): Value => {
    const values: (readonly [Value, Value])[] = []
    parts.forEach((part, index) => {
      const key = keys[index]?.compiled.run(frame)
      const value = partValue(part, frame)
      if (key !== undefined && value !== undefined) values.push([key, value])
    })
    frame.meter.charge(mapCost)
    return mappingOf(values)
  }
  const isConstant = isAllConstant([...keys, ...parts].map(({ compiled }) => compiled.constant))
  return isConstant && isPlain(keys, parts) ? foldedMap(type, keys, parts) : { type, run }
}

interface Part {
  readonly compiled: Compiled
  readonly isOptional: boolean
  readonly at: number
}

function compilePart(compiler: Compiler, { value, isOptional }: ListItem, scope: Scope | undefined): Part {
  const compiled = compiler.compile(value, scope)
  if (!isOptional) return { compiled, isOptional, at: value.at }
  const { type, run } = compiled
  if (type.kind !== 'optional' && type.kind !== 'dyn')
    throw compiler.fail(value.at, `expected type 'optional_type' but found '${typeText(type)}'`)
  return { compiled: { type: type.kind === 'optional' ? type.value : dyn, run }, isOptional, at: value.at }
}

/** undefined: an optional part that is not there. */
function partValue({ compiled, isOptional }: Part, frame: Frame): Value | undefined {
  const value = compiled.run(frame)
  if (!isOptional) return value
  if (value instanceof Optional) return value.value
  throw noSuchOverload()
}

/** All items of a literal are of one type: Kubernetes asks for it. */
function oneType(compiler: Compiler, parts: readonly Part[]): CelType {
  const [first, ...rest] = parts
  if (first === undefined) return dyn
  return rest.reduce<CelType>((type, part) => {
    const common = commonType(type, part.compiled.type)
    if (common !== undefined) return common
    if (compiler.takesMixed) return dyn
    const found = typeText(part.compiled.type)
    throw compiler.fail(part.at, `expected type '${typeText(type)}' but found '${found}'`)
  }, first.compiled.type)
}

function isAllConstant(values: readonly (Value | undefined)[]): values is readonly Value[] {
  return values.every((value) => value !== undefined)
}

/** A key that is no key fails when the map is evaluated. */
function isPlain(keys: readonly Part[], parts: readonly Part[]): boolean {
  return parts.every((part) => !part.isOptional) && keys.every(({ compiled }) => typeof compiled.constant !== 'object')
}

function foldedMap(type: CelType, keys: readonly Part[], parts: readonly Part[]): Compiled {
  const entries = new Map<Value, Value>()
  keys.forEach(({ compiled }, index) => entries.set(compiled.constant ?? null, parts[index]?.compiled.constant ?? null))
  return constant(type, mappingOf(entries))
}

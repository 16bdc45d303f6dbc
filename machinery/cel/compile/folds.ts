import { noSuchOverload } from '../errors.ts'
import type { Expression } from '../syntax/expression.ts'
import { isSimple, simple, typeText } from '../type.ts'
import type { CelType } from '../type.ts'
import { listOf } from '../values/list.ts'
import { mappingOf } from '../values/mapping.ts'
import { compareValues } from '../values/order.ts'
import type { Value } from '../values/value.ts'
import { Verdict } from './logic.ts'
import type { Compiled, Compiler, Frame, Scope } from './scope.ts'

/** What a macro makes of the items of its range. Costs are those of what cel-go's parser makes of the macro. */
interface Fold {
  readonly type: CelType
  readonly run: (frame: Frame, steps: Steps) => Value
}

/** Key and item of each step, with the variables set to them. */
type Steps = () => Iterable<readonly [Value, Value]>

interface Variables {
  readonly inner: Scope | undefined
  readonly keys: CelType
  readonly items: CelType
}

type Bodies = readonly Expression[]
type FoldMaker = (compiler: Compiler, bodies: Bodies, variables: Variables) => Fold

export const folds: Readonly<Record<string, FoldMaker>> = {
  all: (compiler, bodies, { inner }) => deciding(bool(compiler, bodies[0], inner), false),
  exists: (compiler, bodies, { inner }) => deciding(bool(compiler, bodies[0], inner), true),
  exists_one: existsOne,
  existsOne,
  map: transformList,
  transformList,
  filter: (compiler, bodies, { inner, items }) =>
    collecting(items, { when: bool(compiler, bodies[0], inner), item: undefined }),
  transformMap,
  sortBy,
}

const addCost = 12

function bool(compiler: Compiler, body: Expression | undefined, scope: Scope | undefined): Compiled {
  return compiler.compileBool(body ?? nothing, scope)
}

const nothing: Expression = { kind: 'literal', value: true, at: 0 }

/** `all` is decided by a false, `exists` by a true; what fails before does not count then. */
function deciding(body: Compiled, decision: boolean): Fold {
  const stepCost = decision ? 4 : 3
  const run = (frame: Frame, steps: Steps): Value => {
    const verdict = new Verdict(decision, frame.meter)
    for (const _ of steps()) {
      frame.meter.charge(stepCost)
      if (verdict.isDecidedBy(() => body.run(frame))) return decided(frame, decision)
    }
    return decided(frame, verdict.undecided())
  }
  return { type: simple('bool'), run }
}

function decided(frame: Frame, decision: boolean): boolean {
  frame.meter.charge(1)
  return decision
}

function existsOne(compiler: Compiler, bodies: Bodies, { inner }: Variables): Fold {
  const body = bool(compiler, bodies[0], inner)
  const run = (frame: Frame, steps: Steps): Value => {
    let count = 0
    for (const _ of steps()) {
      if (!truth(body.run(frame))) continue
      count += 1
      frame.meter.charge(2)
    }
    frame.meter.charge(2)
    return count === 1
  }
  return { type: simple('bool'), run }
}

/** `map(x, item)`, `map(x, when, item)`, and the same with two variables. */
function transformList(compiler: Compiler, bodies: Bodies, { inner }: Variables): Fold {
  const item = compiler.compile(bodies.at(-1) ?? nothing, inner)
  const when = bodies.length === 2 ? bool(compiler, bodies[0], inner) : undefined
  return collecting(item.type, { when, item })
}

function collecting(
  type: CelType,
  { when, item }: { readonly when: Compiled | undefined; readonly item: Compiled | undefined },
): Fold {
  const run = (frame: Frame, steps: Steps): Value => {
    const values: Value[] = []
    for (const [, value] of steps()) {
      const isWanted = when === undefined || truth(when.run(frame))
      if (!isWanted) continue
      values.push(item === undefined ? value : item.run(frame))
      frame.meter.charge(item === undefined ? addCost + 1 : addCost)
    }
    frame.meter.charge(1)
    return listOf(values)
  }
  return { type: { kind: 'list', item: type }, run }
}

function transformMap(compiler: Compiler, bodies: Bodies, { inner, keys }: Variables): Fold {
  const item = compiler.compile(bodies.at(-1) ?? nothing, inner)
  const when = bodies.length === 2 ? bool(compiler, bodies[0], inner) : undefined
  const run = (frame: Frame, steps: Steps): Value => {
    const entries: (readonly [Value, Value])[] = []
    for (const [key] of steps()) {
      const isWanted = when === undefined || truth(when.run(frame))
      if (!isWanted) continue
      entries.push([key, item.run(frame)])
      frame.meter.charge(3)
    }
    frame.meter.charge(1)
    return mappingOf(entries)
  }
  return { type: { kind: 'map', key: keys, value: item.type }, run }
}

const ordered: ReadonlySet<string> = new Set(
  'int uint double bool string bytes google.protobuf.Timestamp google.protobuf.Duration'.split(' '),
)

function sortBy(compiler: Compiler, bodies: Bodies, { inner, items }: Variables): Fold {
  const [body = nothing] = bodies
  const by = compiler.compile(body, inner)
  const isOrdered = by.type.kind === 'dyn' || (by.type.kind === 'simple' && ordered.has(by.type.name))
  if (!isOrdered || isSimple(by.type, 'null_type'))
    throw compiler.fail(body.at, `found no matching overload for 'sortBy' applied to '${typeText(by.type)}'`)
  const run = (frame: Frame, steps: Steps): Value => {
    const pairs: { readonly key: Value; readonly value: Value }[] = []
    for (const [, value] of steps()) {
      pairs.push({ key: by.run(frame), value })
      // Sorting takes a logarithmic number of steps for each item; 16 is that of the longest list a request can hold.
      frame.meter.charge(addCost + 16)
    }
    return listOf(pairs.sort((left, right) => compareValues(left.key, right.key)).map(({ value }) => value))
  }
  return { type: { kind: 'list', item: items }, run }
}

function truth(value: Value): boolean {
  if (typeof value !== 'boolean') throw noSuchOverload()
  return value
}

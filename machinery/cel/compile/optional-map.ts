import { noSuchOverload } from '../errors.ts'
import type { Comprehension } from '../syntax/expression.ts'
import { dyn, typeText } from '../type.ts'
import { declared } from './scope.ts'
import type { Compiled, Compiler, Frame, Scope } from './scope.ts'
import { none, Optional } from '../values/value.ts'
import type { Value } from '../values/value.ts'

interface OptionalMap {
  readonly expression: Comprehension & { readonly at: number }
  readonly range: Compiled
}

/** `optional.optMap(x, body)`, and `optFlatMap` whose body is an optional itself. */
export function compileOptionalMap(
  compiler: Compiler,
  { expression, range }: OptionalMap,
  scope: Scope | undefined,
): Compiled {
  const { macro, names, bodies, at } = expression
  if (range.type.kind !== 'optional' && range.type.kind !== 'dyn')
    throw compiler.fail(at, `found no matching overload for '${macro}' applied to '${typeText(range.type)}'`)
  const inner = declared(names[0] ?? '', range.type.kind === 'optional' ? range.type.value : dyn, scope)
  const body = compiler.compile(bodies[0] ?? expression.range, inner)
  const isFlat = macro === 'optFlatMap'
  if (isFlat && body.type.kind !== 'optional' && body.type.kind !== 'dyn')
    throw compiler.fail(at, `expected type 'optional_type' but found '${typeText(body.type)}'`)
  const run = (frame: Frame): Value => {
    const optional = range.run(frame)
    if (!(optional instanceof Optional)) throw noSuchOverload()
    frame.meter.charge(2)
    if (optional.value === undefined) return none
    frame.values[inner.slot] = optional.value
    const value = body.run(frame)
    return isFlat ? value : new Optional(value)
  }
  return { type: isFlat ? body.type : { kind: 'optional', value: body.type }, run }
}

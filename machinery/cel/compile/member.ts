import { CelEvaluationError, noSuchOverload } from '../errors.ts'
import type { Expression } from '../syntax/expression.ts'
import { dyn, simple, typeText } from '../type.ts'
import type { CelType } from '../type.ts'
import type { Compiled, Compiler, Frame, Scope } from './scope.ts'
import { Mapping, none, Optional } from '../values/value.ts'
import type { Value } from '../values/value.ts'

type Select = Extract<Expression, { kind: 'select' }>
type Has = Extract<Expression, { kind: 'has' }>

/** `operand.field` and `operand.?field`. */
export function compileSelect(compiler: Compiler, expression: Select, scope: Scope | undefined): Compiled {
  const { field, isOptional, at } = expression
  const operand = compiler.compile(expression.operand, scope)
  const isWrapped = operand.type.kind === 'optional'
  const type = fieldType(compiler, unwrapped(operand.type), { field, at })
  const cost = memberCost(expression.operand)
  const run = (frame: Frame): Value => {
    const container = operand.run(frame)
    frame.meter.charge(cost)
    if (container instanceof Optional) return optionalMember(container.value, field)
    return isOptional ? optionalMember(container, field) : memberOf(container, field)
  }
  return { type: isOptional || isWrapped ? { kind: 'optional', value: type } : type, run }
}

export function compileHas(compiler: Compiler, { operand, field, at }: Has, scope: Scope | undefined): Compiled {
  const container = compiler.compile(operand, scope)
  fieldType(compiler, unwrapped(container.type), { field, at })
  const run = (frame: Frame): Value => {
    const value = container.run(frame)
    const holder = value instanceof Optional ? (value.value ?? none) : value
    return holder !== none && find(holder, field) !== undefined
  }
  return { type: simple('bool'), run }
}

/** A chain of members costs 1 for each; one that begins with anything but a variable costs 1 more. */
export function memberCost(operand: Expression): number {
  const isChain = operand.kind === 'name' || operand.kind === 'select'
  return isChain || (operand.kind === 'call' && operand.name === '_[_]') ? 1 : 2
}

function unwrapped(type: CelType): CelType {
  return type.kind === 'optional' ? type.value : type
}

function fieldType(
  compiler: Compiler,
  container: CelType,
  { field, at }: { readonly field: string; readonly at: number },
): CelType {
  if (container.kind === 'dyn') return dyn
  if (container.kind === 'map') return container.value
  if (container.kind !== 'object')
    throw compiler.fail(at, `type '${typeText(container)}' does not support field selection`)
  const type = container.fields.get(field)?.type
  if (type === undefined) throw compiler.fail(at, `undefined field '${field}'`)
  return type
}

function memberOf(container: Value, field: string): Value {
  const value = find(container, field)
  if (value === undefined) throw new CelEvaluationError(`no such key: ${field}`)
  return value
}

function optionalMember(container: Value | undefined, field: string): Value {
  return container === undefined ? none : new Optional(find(container, field))
}

function find(container: Value, field: string): Value | undefined {
  if (!(container instanceof Mapping)) throw noSuchOverload()
  return container.find(field)
}

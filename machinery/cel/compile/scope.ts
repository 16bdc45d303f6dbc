import type { Meter } from '../meter.ts'
import type { Expression } from '../syntax/expression.ts'
import type { CelType } from '../type.ts'
import type { Value } from '../values/value.ts'

/** A variable and those around it; `slot` is its place in a frame. */
export interface Scope {
  readonly name: string
  readonly type: CelType
  readonly slot: number
  readonly parent: Scope | undefined
}

/** One evaluation: the values of the variables, which macros set as they go, and what it has cost. */
export interface Frame {
  readonly values: (Value | undefined)[]
  readonly meter: Meter
}

/** What those who compile one kind of expression ask of the whole. */
export interface Compiler {
  compile(expression: Expression, scope: Scope | undefined): Compiled
  /** A condition: bool, or what may turn out to be one. */
  compileBool(expression: Expression, scope: Scope | undefined): Compiled
  /** Of a function: what is formatted may be of different types. */
  compileOperand(expression: Expression, scope: Scope | undefined, name: string): Compiled
  /** Whether the items of a literal may be of different types. */
  readonly takesMixed: boolean
  fail(at: number, text: string): Error
}

export interface Compiled {
  readonly type: CelType
  readonly run: (frame: Frame) => Value
  /** The value, when it is the same in every evaluation: it then costs nothing. */
  readonly constant?: Value
}

export function found(scope: Scope | undefined, name: string): Scope | undefined {
  for (let at = scope; at !== undefined; at = at.parent) if (at.name === name) return at
  return undefined
}

export function declared(name: string, type: CelType, parent: Scope | undefined): Scope {
  return { name, type, slot: parent === undefined ? 0 : parent.slot + 1, parent }
}

export function constant(type: CelType, value: Value): Compiled {
  return { type, run: () => value, constant: value }
}

import { library } from '../library.ts'
import type { Expression } from '../syntax/expression.ts'
import { found } from './scope.ts'
import type { Scope } from './scope.ts'

/** The text of `a.b.c`; undefined when it is more than names, or when the first of them is a variable. */
export function qualifiedName(expression: Expression, scope: Scope | undefined): string | undefined {
  if (expression.kind === 'name') return found(scope, expression.name) === undefined ? expression.name : undefined
  if (expression.kind !== 'select' || expression.isOptional) return undefined
  const operand = qualifiedName(expression.operand, scope)
  return operand === undefined ? undefined : `${operand}.${expression.field}`
}

export function isFunction(name: string): boolean {
  return Object.hasOwn(library(), name)
}

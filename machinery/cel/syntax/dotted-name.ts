import type { Expression } from './expression.ts'

/** The text of `a.b.c`; undefined when it is more than names. */
export function dottedName(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name
  if (expression.kind !== 'select' || expression.isOptional) return undefined
  const operand = dottedName(expression.operand)
  return operand === undefined ? undefined : `${operand}.${expression.field}`
}

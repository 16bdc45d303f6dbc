import { RE2JS } from 're2js'
import type { Condition, Operand, Operator, Step, Term } from './json-path-parser.ts'

/** Whether the condition of a filter holds for a value, `@`. What is not there equals nothing. */
export function isTrue(condition: Condition, value: unknown): boolean {
  return condition.some((all) => all.every((term) => holds(term, value) !== term.isNegated))
}

function holds({ left, operator, right }: Term, value: unknown): boolean {
  const first = resolved(left, value)
  if (operator === undefined || right === undefined) return first !== undefined && first !== false && first !== null
  return compares(operator, first, resolved(right, value))
}

function resolved(operand: Operand, value: unknown): unknown {
  return 'steps' in operand ? operand.steps.reduce(step, value) : operand.value
}

/** Paths of a filter are plain: members and indexes. */
function step(value: unknown, one: Step): unknown {
  if (one.kind === 'index' && Array.isArray(value)) return value.at(one.index) as unknown
  if (one.kind !== 'member' || typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, one.name) ? (value as Readonly<Record<string, unknown>>)[one.name] : undefined
}

function compares(operator: Operator, left: unknown, right: unknown): boolean {
  if (operator === '==') return left === right
  if (operator === '!=') return left !== right
  if (operator === '=~') return typeof left === 'string' && typeof right === 'string' && matches(left, right)
  if (typeof left === 'number' && typeof right === 'number') return isOrdered(operator, left - right)
  if (typeof left !== 'string' || typeof right !== 'string') return false
  return isOrdered(operator, left === right ? 0 : left < right ? -1 : 1)
}

function isOrdered(operator: Operator, difference: number): boolean {
  if (operator === '<') return difference < 0
  if (operator === '<=') return difference <= 0
  return operator === '>' ? difference > 0 : difference >= 0
}

function matches(text: string, pattern: string): boolean {
  try {
    return RE2JS.compile(pattern).matcher(text).find()
  } catch {
    return false
  }
}

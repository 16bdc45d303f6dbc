import type { Budget } from '../exec/budget.ts'
import type { Value } from '../value.ts'
import { Formatter, plainDirective } from './formatter.ts'

/** What an action writes. */
export function printed(value: Value, budget: Budget): string {
  return value === null ? '<no value>' : defaultText(value, budget)
}

/** `%v`. */
export function defaultText(value: Value, budget: Budget): string {
  if (typeof value === 'string') return value
  return new Formatter(budget).text(value, plainDirective)
}

/** Go's fmt.Sprint: blanks between operands of which neither is a string. */
export function sprint(values: readonly Value[], budget: Budget): string {
  let text = ''
  for (const [index, value] of values.entries()) {
    if (index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string') text += ' '
    text += defaultText(value, budget)
  }
  return text
}

export function sprintln(values: readonly Value[], budget: Budget): string {
  return `${values.map((value) => defaultText(value, budget)).join(' ')}\n`
}

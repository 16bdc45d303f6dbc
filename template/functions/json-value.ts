import { byteString } from '../byte-string.ts'
import { type Budget, BudgetSpent } from '../exec/budget.ts'
import { Dictionary, List, type Value } from '../value.ts'

/** JSON as Go's encoding/json decodes it into an interface: every number is a float64. Undefined if it is none. */
export function jsonValue(text: string, budget: Budget): Value | undefined {
  budget.reserve(2 * text.length)
  try {
    return plainValue(JSON.parse(text), budget)
  } catch (error) {
    if (error instanceof BudgetSpent) throw error
    return undefined
  }
}

const depthMax = 100

/** A value of JSON's types; what JSON cannot say is refused with a RangeError. */
export function plainValue(value: unknown, budget: Budget, depth = 0): Value {
  budget.reserve(16)
  if (depth > depthMax) throw new BudgetSpent(`values nested over ${depthMax} deep`)
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return byteString(value)
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'boolean') return value
  if (Array.isArray(value)) return new List(value.map((item) => plainValue(item, budget, depth + 1)))
  if (typeof value !== 'object') throw new RangeError('not a value of JSON')
  const entries = Object.entries(value).map(([key, member]): [string, Value] => [
    byteString(key),
    plainValue(member, budget, depth + 1),
  ])
  return new Dictionary(entries)
}

import { FunctionFailure } from './functions/definition.ts'
import { Moment } from './time/moment.ts'
import { Dictionary, Integer, List, Structure, type Value } from './value.ts'

/** Go's template package compares by the basic kind: signed and unsigned integers with each other, others alike. */
type BasicKind = 'bool' | 'integer' | 'float' | 'string'

export function isEqual(a: Value, b: Value): boolean {
  if (a instanceof Moment && b instanceof Moment) return a.nanoseconds === b.nanoseconds && a.zone === b.zone
  if (a instanceof Structure && b instanceof Structure) return a === b
  const [kindA, kindB] = [basicKind(a), basicKind(b)]
  if (kindA !== undefined && kindA === kindB) {
    return a instanceof Integer && b instanceof Integer ? a.value === b.value : a === b
  }
  if (a === null || b === null) return a === b
  if (isUncomparable(a) || isUncomparable(b)) throw new FunctionFailure('values of that type cannot be compared')
  throw new FunctionFailure('incompatible types for comparison')
}

export function isLess(a: Value, b: Value): boolean {
  const [kindA, kindB] = [basicKind(a), basicKind(b)]
  if (kindA === undefined || kindB === undefined || kindA === 'bool') {
    throw new FunctionFailure('values of that type have no order')
  }
  if (kindA !== kindB) throw new FunctionFailure('incompatible types for comparison')
  if (a instanceof Integer && b instanceof Integer) return a.value < b.value
  return (a as string | number) < (b as string | number)
}

function basicKind(value: Value): BasicKind | undefined {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return 'float'
  return value instanceof Integer ? 'integer' : undefined
}

function isUncomparable(value: Value): boolean {
  return value instanceof List || value instanceof Dictionary
}

/** Go's reflect.DeepEqual: types must be the same too. */
export function isDeepEqual(a: Value, b: Value, depth = 0): boolean {
  if (depth > 100) throw new FunctionFailure('values are nested too deep')
  if (a instanceof Integer && b instanceof Integer) return a.type === b.type && a.value === b.value
  if (a instanceof List && b instanceof List) {
    if (a.element !== b.element || a.items.length !== b.items.length) return false
    return a.items.every((item, index) => isDeepEqual(item, b.items[index] ?? null, depth + 1))
  }
  if (a instanceof Dictionary && b instanceof Dictionary) {
    if (a.element !== b.element || a.entries.size !== b.entries.size) return false
    return [...a.entries].every(([key, value]) => {
      const other = b.entries.get(key)
      return other !== undefined && isDeepEqual(value, other, depth + 1)
    })
  }
  if (a instanceof Moment && b instanceof Moment) return a.nanoseconds === b.nanoseconds
  return a === b
}

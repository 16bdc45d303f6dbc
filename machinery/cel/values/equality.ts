import { Duration } from './duration.ts'
import { Timestamp } from './timestamp.ts'
import { Uint } from './uint.ts'
import type { List, Mapping, Value } from './value.ts'

/** Takes what comparing the parts of a collection costs. */
export type Charge = (cost: number) => void

/** A tenth of a unit for each part, as for a character of a text. */
const partCost = 0.1

/** CEL's `==`: numbers are equal across their types, values of different sorts are not. */
export function equalValues(left: Value, right: Value, charge: Charge): boolean {
  const leftNumber = numberOf(left)
  if (leftNumber !== undefined) {
    const rightNumber = numberOf(right)
    // The comparison of a bigint with a number is exact in JavaScript.
    return rightNumber !== undefined && leftNumber == rightNumber
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right
  if (left instanceof Uint8Array || right instanceof Uint8Array)
    return left instanceof Uint8Array && right instanceof Uint8Array && Buffer.compare(left, right) === 0
  return equalObjects(left, right, charge)
}

/** Ints and uints as bigints, doubles as numbers. */
export function numberOf(value: Value): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value
  return value instanceof Uint ? value.value : undefined
}

type Structure = Extract<Value, { readonly typeName: string }>

function equalObjects(left: Structure, right: Structure, charge: Charge): boolean {
  if (left === right) return true
  if (left.typeName === 'list') return right.typeName === 'list' && equalLists(left, right, charge)
  if (left.typeName === 'map') return right.typeName === 'map' && equalMappings(left, right, charge)
  if (left instanceof Timestamp) return right instanceof Timestamp && left.nanoseconds === right.nanoseconds
  if (left instanceof Duration) return right instanceof Duration && left.nanoseconds === right.nanoseconds
  if (left.typeName === 'type') return right.typeName === 'type' && left.name === right.name
  if (left.typeName === 'optional_type')
    return right.typeName === 'optional_type' && equalOptionals(left, right, charge)
  return 'equals' in left && 'equals' in right && left.typeName === right.typeName && left.equals(right)
}

function equalOptionals(
  left: { readonly value: Value | undefined },
  right: { readonly value: Value | undefined },
  charge: Charge,
): boolean {
  if (left.value === undefined || right.value === undefined) return left.value === right.value
  return equalValues(left.value, right.value, charge)
}

function equalLists(left: List, right: List, charge: Charge): boolean {
  if (left.size !== right.size) return false
  if (left.identity !== undefined) return equalSets(left, right, { identity: left.identity, charge })
  for (let index = 0; index < left.size; index += 1) {
    charge(partCost)
    if (!equalValues(left.at(index), right.at(index), charge)) return false
  }
  return true
}

function equalSets(
  left: List,
  right: List,
  { identity, charge }: { readonly identity: (item: Value) => string; readonly charge: Charge },
): boolean {
  const known = new Map<string, Value>()
  for (const item of left) known.set(identity(item), item)
  for (const item of right) {
    charge(partCost)
    const twin = known.get(identity(item))
    if (twin === undefined || !equalValues(twin, item, charge)) return false
  }
  return true
}

function equalMappings(left: Mapping, right: Mapping, charge: Charge): boolean {
  if (left.size !== right.size) return false
  for (const key of left.keys()) {
    charge(partCost)
    const mine = left.find(key)
    const other = right.find(key)
    if (mine === undefined || other === undefined || !equalValues(mine, other, charge)) return false
  }
  return true
}

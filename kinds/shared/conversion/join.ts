import { jsonEqual } from '../../../machinery/json/equal.ts'
import type { JsonObject, JsonValue } from '../../../machinery/object.ts'
import { isJsonArray, isJsonObject, memberOf, withMember } from './json-edit.ts'
import { type ItemStep, type Leftover, looksOf } from './leftover.ts'

/**
 * Puts back what `split` took out. What a client has changed meanwhile wins: a leftover whose place is gone, or where
 * something else than was shown stands now, is dropped. Items are recognised before anything is put into them.
 */
export function join(value: JsonValue, leftovers: readonly Leftover[]): JsonValue {
  if (leftovers.length === 0) return value
  if (isJsonArray(value)) return joinedList(value, leftovers)
  return isJsonObject(value) ? joinedObject(value, leftovers) : value
}

function joinedObject(object: JsonObject, leftovers: readonly Leftover[]): JsonObject {
  const names = new Set(leftovers.map(({ at: [step] }) => step).filter((step) => typeof step === 'string'))
  return [...names].reduce((joined, name) => {
    const own = leftovers.filter(({ at: [step] }) => step === name)
    return withMember(joined, name, joinedMember(memberOf(object, name), own))
  }, object)
}

function joinedMember(shown: JsonValue | undefined, leftovers: readonly Leftover[]): JsonValue | undefined {
  const whole = leftovers.find((leftover) => leftover.at.length === 1 && !('item' in leftover))
  if (whole !== undefined && !('item' in whole) && jsonEqual(shown, whole.shown)) return whole.value
  return shown === undefined ? undefined : join(shown, below(leftovers))
}

function joinedList(list: readonly JsonValue[], leftovers: readonly Leftover[]): JsonValue {
  const joined = list.map((item, index) =>
    join(item, below(leftovers.filter((leftover) => isIn(list, index, leftover)))),
  )
  return leftovers.reduce((items, leftover) => {
    return leftover.at.length === 0 && 'item' in leftover ? items.toSpliced(leftover.index, 0, leftover.item) : items
  }, joined)
}

function isIn(list: readonly JsonValue[], index: number, { at: [step] }: Leftover): boolean {
  return Array.isArray(step) && placeOf(list, step as ItemStep) === index
}

/** Where the item is now: at its index when it still looks the same, else where one that looks the same stands. */
function placeOf(list: readonly JsonValue[], [index, looks]: ItemStep): number {
  const atIndex = list[index]
  if (atIndex !== undefined && looksOf(atIndex) === looks) return index
  return list.findIndex((item) => looksOf(item) === looks)
}

function below(leftovers: readonly Leftover[]): readonly Leftover[] {
  return leftovers.map((leftover) => ({ ...leftover, at: leftover.at.slice(1) })).filter(hasPlace)
}

/** A leftover that is no item has to name the member that it belongs to. */
function hasPlace(leftover: Leftover): boolean {
  return leftover.at.length > 0 || 'item' in leftover
}

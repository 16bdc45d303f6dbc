import { jsonEqual } from '../../../machinery/json/equal.ts'
import type { JsonObject, JsonValue } from '../../../machinery/object.ts'
import { isJsonArray, isJsonObject, memberOf, withMember } from './json-edit.ts'
import { type Leftover, looksOf } from './leftover.ts'

/**
 * Puts back what `split` took out. What a client has changed meanwhile wins: a leftover whose place is gone, or where
 * something else than was shown stands now, is dropped. Items are recognised before anything is put into them. Each
 * level is gone through once, however many leftovers a client hands in.
 */
export function join(value: JsonValue, leftovers: readonly Leftover[]): JsonValue {
  if (leftovers.length === 0) return value
  if (isJsonArray(value)) return joinedList(value, leftovers)
  return isJsonObject(value) ? joinedObject(value, leftovers) : value
}

function joinedObject(object: JsonObject, leftovers: readonly Leftover[]): JsonObject {
  const byName = grouped(leftovers, ({ at: [step] }) => (typeof step === 'string' ? step : undefined))
  let joined = object
  for (const [name, own] of byName) joined = withMember(joined, name, joinedMember(memberOf(object, name), own))
  return joined
}

function joinedMember(shown: JsonValue | undefined, leftovers: readonly Leftover[]): JsonValue | undefined {
  const whole = leftovers.find((leftover) => leftover.at.length === 1 && !('item' in leftover))
  if (whole !== undefined && !('item' in whole) && jsonEqual(shown, whole.shown)) return whole.value
  return shown === undefined ? undefined : join(shown, below(leftovers))
}

function joinedList(list: readonly JsonValue[], leftovers: readonly Leftover[]): JsonValue {
  const placeOf = placesIn(list)
  const byPlace = grouped(leftovers, placeOf)
  const joined = list.map((item, index) => join(item, below(byPlace.get(index) ?? [])))
  for (const leftover of leftovers) {
    if (leftover.at.length === 0 && 'item' in leftover) joined.splice(leftover.index, 0, leftover.item)
  }
  return joined
}

/** Where the item is now: at its index if it still looks the same, else where the first that looks the same stands. */
function placesIn(list: readonly JsonValue[]): (leftover: Leftover) => number | undefined {
  const looks = list.map(looksOf)
  const firstOf = new Map(looks.map((look, index) => [look, index] as const).reverse())
  return ({ at: [step] }) => {
    if (step === undefined || typeof step === 'string') return undefined
    const [index, look] = step
    return looks[index] === look ? index : firstOf.get(look)
  }
}

function grouped<K>(
  leftovers: readonly Leftover[],
  keyOf: (leftover: Leftover) => K | undefined,
): ReadonlyMap<K, readonly Leftover[]> {
  const groups = new Map<K, Leftover[]>()
  for (const leftover of leftovers) {
    const key = keyOf(leftover)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [leftover])
    else group.push(leftover)
  }
  return groups
}

/** A leftover that is no item has to name the member that it belongs to. */
function below(leftovers: readonly Leftover[]): readonly Leftover[] {
  return leftovers
    .map((leftover) => ({ ...leftover, at: leftover.at.slice(1) }))
    .filter((leftover) => leftover.at.length > 0 || 'item' in leftover)
}

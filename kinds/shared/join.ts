import { jsonEqual } from '../../machinery/json/equal.ts'
import type { JsonValue } from '../../machinery/object.ts'
import { isJsonArray, isJsonObject, memberOf, withMember } from './json-edit.ts'
import { type Leftover, looksOf, type Step } from './leftover.ts'

/**
 * Puts back what `split` took out. What a client has changed meanwhile wins: a leftover whose place is gone, or where
 * something else than was shown stands now, is dropped.
 */
export function join(value: JsonValue, leftovers: readonly Leftover[]): JsonValue {
  return leftovers.reduce((joined, leftover) => placed(joined, leftover.at, leftover), value)
}

function placed(value: JsonValue, at: readonly Step[], leftover: Leftover): JsonValue {
  const [step, ...rest] = at
  if (step === undefined) return 'item' in leftover ? withItem(value, leftover) : value
  if (typeof step !== 'string') return placedInItem(value, step, (item) => placed(item, rest, leftover))
  if (!isJsonObject(value)) return value
  const member = memberOf(value, step)
  if (rest.length === 0 && !('item' in leftover)) {
    return jsonEqual(member, leftover.shown) ? withMember(value, step, leftover.value) : value
  }
  return member === undefined ? value : withMember(value, step, placed(member, rest, leftover))
}

function withItem(value: JsonValue, leftover: { index: number; item: JsonValue }): JsonValue {
  return isJsonArray(value) ? value.toSpliced(leftover.index, 0, leftover.item) : value
}

function placedInItem(
  value: JsonValue,
  [index, looks]: readonly [index: number, looks: string],
  place: (item: JsonValue) => JsonValue,
): JsonValue {
  if (!isJsonArray(value)) return value
  const atIndex = value[index]
  const found =
    atIndex !== undefined && looksOf(atIndex) === looks ? index : value.findIndex((item) => looksOf(item) === looks)
  const item = value[found]
  return item === undefined ? value : value.with(found, place(item))
}

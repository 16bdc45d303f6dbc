import { jsonEqual } from '../json/equal.ts'
import { isJsonObject } from '../json/member.ts'
import type { JsonValue } from '../object.ts'

interface ListOrder {
  /** What was said of the order: items, or objects that have at least the merge key. */
  readonly order: readonly JsonValue[]
  /** How the list lay before. */
  readonly original: readonly JsonValue[]
  /** Absent: the items are plain values. */
  readonly key?: string
}

/**
 * The items in the order that was said; those of which nothing was said stay before what they lay before. What is new
 * goes in front of them.
 */
export function inOrder(items: readonly JsonValue[], { order, original, key }: ListOrder): readonly JsonValue[] {
  const rankIn = (list: readonly JsonValue[], item: JsonValue): number =>
    list.findIndex((each) => jsonEqual(idOf(each, key), idOf(item, key)))
  const ranked = items.map((item) => ({ item, rank: rankIn(order, item), place: rankIn(original, item) }))
  const said = ranked.filter(({ rank }) => rank >= 0).sort((left, right) => left.rank - right.rank)
  const others = ranked.filter(({ rank }) => rank < 0).sort((left, right) => left.place - right.place)
  const result: JsonValue[] = []
  for (const { item, place } of said) {
    while (place >= 0 && others[0] !== undefined && others[0].place >= 0 && others[0].place < place) {
      result.push(...others.splice(0, 1).map((other) => other.item))
    }
    result.push(item)
  }
  return [...result, ...others.map(({ item }) => item)]
}

function idOf(item: JsonValue, key: string | undefined): JsonValue | undefined {
  if (key === undefined) return item
  return isJsonObject(item) ? item[key] : undefined
}

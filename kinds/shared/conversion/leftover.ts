import { createHash } from 'node:crypto'
import type { JsonObject, JsonValue } from '../../../machinery/object.ts'
import { isJsonArray, isJsonObject, memberOf } from './json-edit.ts'

/**
 * One thing that a version cannot say of an object, and where it belongs. A step into a list names the item by its
 * index and by what it looks like, so that a moved item is found and a removed one is not mistaken for another.
 */
export type Leftover =
  /** `value` stands where the version shows `shown`; absent means nothing stands or is shown there. */
  | { readonly at: readonly Step[]; readonly value?: JsonValue; readonly shown?: JsonValue }
  /** An item of a list that the version cannot show. */
  | { readonly at: readonly Step[]; readonly index: number; readonly item: JsonValue }

export type Step = string | ItemStep
type ItemStep = readonly [index: number, looks: string]

/** By the member that people tell items apart by, else by all of it. */
export function looksOf(item: JsonValue): string {
  if (isJsonObject(item)) {
    for (const name of ['secretKey', 'key', 'name', 'type']) {
      const value = memberOf(item, name)
      if (typeof value === 'string') return `${name}=${value}`
    }
  }
  return createHash('sha256').update(JSON.stringify(item)).digest('hex').slice(0, 16)
}

/** Leftovers that a client handed back: what does not have their form is ignored. */
export function parseLeftovers(value: JsonValue | undefined): readonly Leftover[] {
  return isJsonArray(value) ? value.flatMap(parseLeftover) : []
}

function parseLeftover(value: JsonValue): Leftover[] {
  if (!isJsonObject(value) || !isJsonArray(value['at'])) return []
  const at = value['at'].flatMap(parseStep)
  if (at.length === 0 || at.length !== value['at'].length) return []
  const { index, item, value: full, shown } = value
  if (typeof index === 'number' && Number.isInteger(index) && index >= 0 && item !== undefined) {
    return [{ at, index, item }]
  }
  return [{ at, ...(full !== undefined && { value: full }), ...(shown !== undefined && { shown }) }]
}

function parseStep(step: JsonValue): Step[] {
  if (typeof step === 'string') return [step]
  if (!isJsonArray(step)) return []
  const [index, looks] = step
  return typeof index === 'number' && typeof looks === 'string' ? [[index, looks]] : []
}

export function leftoverJson(leftovers: readonly Leftover[]): JsonValue {
  return leftovers.map((leftover): JsonObject => ({ ...leftover }))
}

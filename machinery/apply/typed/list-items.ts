import { isJsonObject } from '../../json/member.ts'
import { ApplyError } from '../errors.ts'
import { type ElementText, keyElement, type KeyField, type PathElement, valueElement } from '../fields/path-element.ts'
import type { ListNode } from '../types/type-node.ts'

/** How an item of an associative list is found: by its keys, or by its value in a set. Throws ApplyError. */
export function itemElement(list: ListNode, item: unknown): PathElement {
  if (list.keys.length > 0) return keyedElement(list, item)
  if (Array.isArray(item)) throw new ApplyError('not supported: associative list with lists as elements')
  if (isJsonObject(item)) throw new ApplyError("associative list without keys has an element that's a map type")
  if (item === null) throw new ApplyError("associative list without keys has an element that's an explicit null")
  return valueElement(item)
}

/** One element of a list and all items that have it: more than one in lists that were written without rules. */
export interface ItemGroup {
  readonly element: PathElement
  readonly items: readonly unknown[]
}

/** The items of an associative list by element, in the order of their first items. */
export function itemGroups(list: ListNode, items: readonly unknown[]): ReadonlyMap<ElementText, ItemGroup> {
  const groups = new Map<ElementText, { element: PathElement; items: unknown[] }>()
  for (const item of items) {
    const element = itemElement(list, item)
    const group = groups.get(element.text)
    if (group === undefined) groups.set(element.text, { element, items: [item] })
    else group.items.push(item)
  }
  return groups
}

/** A member of a map of the request: never one of its prototype. */
export function memberOf(map: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(map, name) ? map[name] : undefined
}

function keyedElement(list: ListNode, item: unknown): PathElement {
  if (item === null) throw new ApplyError('associative list with keys may not have a null element')
  if (!isJsonObject(item)) throw new ApplyError('associative list with keys may not have non-map elements')
  const fields: KeyField[] = []
  for (const name of list.keys) {
    const value = memberOf(item, name) ?? keyDefault(list, item, name)
    if (value !== undefined) fields.push({ name, value })
  }
  if (fields.length > 0) return keyElement(fields)
  const keys = list.keys.map((name) => JSON.stringify(name)).join(' ')
  const defaults = "and doesn't have default values for any key fields"
  throw new ApplyError(`associative list with keys has an element that omits all key fields [${keys}] (${defaults})`)
}

/** An explicit null counts as present. */
function keyDefault(list: ListNode, item: Readonly<Record<string, unknown>>, name: string): unknown {
  if (memberOf(item, name) === null) return null
  return list.items.node?.map?.fields.get(name)?.default
}

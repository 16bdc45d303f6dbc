import { isJsonObject, setMember } from '../../json/member.ts'
import { childSet, type FieldSet, hasMember, isEmptySet } from '../fields/field-set.ts'
import { fieldElement, type PathElement } from '../fields/path-element.ts'
import { kindOf, type ListNode, type MapNode, memberType, type TypeReference } from '../types/type-node.ts'
import { itemElement } from './list-items.ts'

/** `value` without the paths of `set` and all below them; undefined when nothing is left. */
export function removeItems(type: TypeReference, value: unknown, set: FieldSet): unknown {
  if (isEmptySet(set)) return value
  const { node } = type
  const kind = node && kindOf(node, value)
  if (kind === 'map' && node?.map !== undefined) return removeMembers(node.map, value, set)
  if (kind === 'list' && node?.list !== undefined) return removeListItems(node.list, value, set)
  return value
}

/** A member that loses everything below it stays, as null. */
function removeMembers(map: MapNode, value: unknown, set: FieldSet): unknown {
  if (map.isAtomic || !isJsonObject(value)) return undefined
  const kept: Record<string, unknown> = {}
  let count = 0
  for (const [name, member] of Object.entries(value)) {
    const element = map.fields.get(name)?.element ?? fieldElement(name)
    if (hasMember(set, element)) continue
    setMember(kept, name, removeBelow(memberType(map, name), { element, value: member }, set) ?? null)
    count += 1
  }
  return count === 0 ? undefined : kept
}

function removeListItems(list: ListNode, value: unknown, set: FieldSet): unknown {
  if (list.isAtomic || !Array.isArray(value)) return undefined
  const kept: unknown[] = []
  for (const item of value) {
    const element = itemElement(list, item)
    if (!hasMember(set, element)) kept.push(removeBelow(list.items, { element, value: item }, set) ?? null)
  }
  return kept.length === 0 ? undefined : kept
}

function removeBelow(
  type: TypeReference | undefined,
  at: { element: PathElement; value: unknown },
  set: FieldSet,
): unknown {
  const below = childSet(set, at.element)
  return below === undefined || type === undefined ? at.value : removeItems(type, at.value, below)
}

import { isJsonObject, setMember } from '../../json/member.ts'
import { childSet, type FieldSet, hasMember, pathSet, pathsOf, union } from '../fields/field-set.ts'
import { fieldElement, type PathElement } from '../fields/path-element.ts'
import { kindOf, type ListNode, type MapNode, memberType, type TypeReference } from '../types/type-node.ts'
import { itemElement } from './list-items.ts'
import { toFieldSet } from './to-field-set.ts'

/** What of `value` the paths of `set` speak of; undefined when nothing. Clients add to it and apply it again. */
export function extractItems(type: TypeReference, value: unknown, set: FieldSet): unknown {
  const { node } = type
  const kind = node && kindOf(node, value)
  if (kind === 'map' && node?.map !== undefined) return extractMembers(node.map, value, set)
  if (kind === 'list' && node?.list !== undefined) return extractListItems(node.list, value, set)
  return value
}

/** `set` with the keys of every list item on its paths, so that what is extracted can be applied again. */
export function withKeyFields(type: TypeReference, value: unknown, set: FieldSet): FieldSet {
  const present = toFieldSet(type, value)
  let keys: FieldSet = set
  for (const path of pathsOf(set)) {
    if (!hasPath(present, path)) continue
    for (const [index, element] of path.entries()) {
      if (element.kind !== 'key') continue
      const prefix = path.slice(0, index + 1)
      for (const { name } of element.keys) keys = union(keys, pathSet([...prefix, fieldElement(name)]))
    }
  }
  return keys
}

function hasPath(set: FieldSet, [element, ...rest]: readonly PathElement[]): boolean {
  if (element === undefined) return false
  if (rest.length === 0) return hasMember(set, element)
  const below = childSet(set, element)
  return below !== undefined && hasPath(below, rest)
}

function extractMembers(map: MapNode, value: unknown, set: FieldSet): unknown {
  if (map.isAtomic || !isJsonObject(value) || Object.keys(value).length === 0) return value
  const taken: Record<string, unknown> = {}
  let count = 0
  for (const [name, member] of Object.entries(value)) {
    const below = setFor(map.fields.get(name)?.element ?? fieldElement(name), set)
    const type = memberType(map, name)
    if (below === undefined || type === undefined) continue
    setMember(taken, name, extractItems(type, member, below) ?? null)
    count += 1
  }
  return count === 0 ? undefined : taken
}

function extractListItems(list: ListNode, value: unknown, set: FieldSet): unknown {
  if (list.isAtomic || !Array.isArray(value) || value.length === 0) return value
  const taken: unknown[] = []
  for (const item of value) {
    const below = setFor(itemElement(list, item), set)
    if (below !== undefined) taken.push(extractItems(list.items, item, below) ?? null)
  }
  return taken.length === 0 ? undefined : taken
}

/** A member without children hands its own level on, as structured-merge-diff does: what is below it is left out. */
function setFor(element: PathElement, set: FieldSet): FieldSet | undefined {
  return childSet(set, element) ?? (hasMember(set, element) ? set : undefined)
}

import { isJsonObject } from '../../json/member.ts'
import { emptySet, type FieldSet } from '../fields/field-set.ts'
import { fieldElement, type PathElement } from '../fields/path-element.ts'
import { SetBuilder } from '../fields/set-builder.ts'
import { kindOf, type ListNode, type MapNode, type TypeReference } from '../types/type-node.ts'
import { itemGroups } from './list-items.ts'

/** Every member and item below a value: what comes with it and goes with it. */
export function allFields({ node }: TypeReference, value: unknown): FieldSet {
  const kind = node && kindOf(node, value)
  if (kind === 'map' && node?.map !== undefined) return fieldsOfMap(node.map, value)
  if (kind === 'list' && node?.list !== undefined) return fieldsOfList(node.list, value)
  return emptySet
}

function fieldsOfMap(map: MapNode, value: unknown): FieldSet {
  if (map.isAtomic || !isJsonObject(value)) return emptySet
  const builder = new SetBuilder()
  for (const name in value) {
    const field = map.fields.get(name)
    const type = field?.type ?? map.others
    if (type !== undefined) addAll(builder, field?.element ?? fieldElement(name), { type, value: value[name] })
  }
  return builder.build() ?? emptySet
}

/** What is inside of items that share an element cannot be told apart: it is not looked at. */
function fieldsOfList(list: ListNode, value: unknown): FieldSet {
  if (list.isAtomic || !Array.isArray(value)) return emptySet
  const builder = new SetBuilder()
  for (const { element, items } of itemGroups(list, value).values()) {
    if (items.length > 1) builder.member(element)
    else addAll(builder, element, { type: list.items, value: items[0] })
  }
  return builder.build() ?? emptySet
}

function addAll(builder: SetBuilder, element: PathElement, of: { type: TypeReference; value: unknown }): void {
  if (of.value === undefined || of.type.node === undefined) return
  builder.member(element)
  builder.child(element, allFields(of.type, of.value))
}

import { isJsonObject } from '../../json/member.ts'
import { emptySet, type FieldSet } from '../fields/field-set.ts'
import { fieldElement, type PathElement } from '../fields/path-element.ts'
import { SetBuilder } from '../fields/set-builder.ts'
import { kindOf, type ListNode, type MapNode, type TypeReference } from '../types/type-node.ts'
import { itemGroups } from './list-items.ts'

/** What an applied configuration owns: the leaves that it names, and the items of its lists and maps. */
export function toFieldSet(type: TypeReference, value: unknown): FieldSet {
  return owned(type, value).below ?? emptySet
}

/** Whether the value is owned as one by its parent, and what is owned below it. */
interface Owned {
  readonly isLeaf: boolean
  readonly below?: FieldSet | undefined
}

const leaf: Owned = { isLeaf: true }
const nothing: Owned = { isLeaf: false }

function owned(type: TypeReference, value: unknown): Owned {
  const { node } = type
  if (node === undefined) return nothing
  switch (kindOf(node, value)) {
    case 'map':
      return node.map === undefined ? nothing : ownedMap(node.map, value)
    case 'list':
      return node.list === undefined ? nothing : ownedList(node.list, value)
    case 'scalar':
      return leaf
    case undefined:
      return nothing
  }
}

/** Struct fields with contents are not members themselves; entries of maps with free keys are. */
function ownedMap(map: MapNode, value: unknown): Owned {
  if (map.isAtomic) return leaf
  if (!isJsonObject(value)) return nothing
  const builder = new SetBuilder()
  for (const name of Object.keys(value)) {
    const member = value[name]
    if (member !== undefined) addMember(map, { name, member }, builder)
  }
  return { isLeaf: false, below: builder.build() }
}

function addMember(map: MapNode, { name, member }: { name: string; member: unknown }, builder: SetBuilder): void {
  const field = map.fields.get(name)
  const type = field?.type ?? map.others
  if (type === undefined) return
  const element = field?.element ?? fieldElement(name)
  const { isLeaf, below } = owned(type, member)
  if (isLeaf || field === undefined || member === null || isEmptyMap(member)) builder.member(element)
  builder.child(element, below)
}

function ownedList(list: ListNode, value: unknown): Owned {
  if (list.isAtomic) return leaf
  if (!Array.isArray(value)) return nothing
  const builder = new SetBuilder()
  for (const { element, items } of itemGroups(list, value).values()) addItem(list, { element, items }, builder)
  return { isLeaf: false, below: builder.build() }
}

/** What is inside of items that share an element cannot be told apart: it is not looked at. */
function addItem(
  list: ListNode,
  group: { element: PathElement; items: readonly unknown[] },
  builder: SetBuilder,
): void {
  builder.member(group.element)
  if (group.items.length === 1) builder.child(group.element, owned(list.items, group.items[0]).below)
}

function isEmptyMap(value: unknown): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0
}

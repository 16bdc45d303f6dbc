import type { ChildSet, FieldSet } from '../fields/field-set.ts'
import type { PathElement } from '../fields/path-element.ts'
import { SetBuilder } from '../fields/set-builder.ts'
import { memberType, type TypeNode, type TypeReference } from '../types/type-node.ts'

/**
 * A stored set after the type it was written under has changed: who owned something inside of what is owned as one now,
 * owns the whole. The same set when there is nothing of the kind.
 */
export function reconcile(type: TypeReference, set: FieldSet): FieldSet {
  const { node } = type
  if (node === undefined || set.children.length === 0 || !descends(node)) return set
  const children = reconciledChildren(node, set.children)
  if (children === set.children) return set
  const builder = new SetBuilder()
  const owned = new Set(set.members.map(({ text }) => text))
  for (const member of set.members) builder.member(member)
  children.forEach((child, index) => {
    const element = set.children[index]?.element
    if (child !== 'whole') builder.child(child.element, child.set)
    else if (element !== undefined && !owned.has(element.text)) builder.member(element)
  })
  return builder.build() ?? set
}

/** The same children when there is nothing to change. */
function reconciledChildren(node: TypeNode, children: readonly ChildSet[]): readonly (ChildSet | 'whole')[] {
  let changed: (ChildSet | 'whole')[] | undefined
  for (const [index, child] of children.entries()) {
    const now = reconciledChild(node, child)
    if (now !== child) changed ??= children.slice(0, index)
    changed?.push(now)
  }
  return changed ?? children
}

function reconciledChild(node: TypeNode, child: ChildSet): ChildSet | 'whole' {
  const type = typeBelow(node, child.element)
  if (type?.node === undefined) return child
  if (isAtomic(type.node)) return 'whole'
  const set = reconcile(type, child.set)
  return set === child.set ? child : { element: child.element, set }
}

/** A type of several kinds counts as a map before it counts as a scalar, and as a list last. */
function isAtomic({ map, scalar, list }: TypeNode): boolean {
  if (map !== undefined) return map.isAtomic
  return scalar === undefined && list?.isAtomic === true
}

function descends({ map, scalar, list }: TypeNode): boolean {
  if (map !== undefined) return !map.isFreeForm
  return scalar === undefined && list !== undefined
}

function typeBelow({ map, list }: TypeNode, element: PathElement): TypeReference | undefined {
  if (map === undefined) return list?.items
  return element.kind === 'field' ? memberType(map, element.name) : undefined
}

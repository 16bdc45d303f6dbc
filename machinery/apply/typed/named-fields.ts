import type { ChildSet, FieldSet } from '../fields/field-set.ts'
import type { PathElement } from '../fields/path-element.ts'
import { union } from '../fields/field-set.ts'
import type { TypeNode, TypeReference } from '../types/type-node.ts'

/**
 * `set` with every declared field that something is owned below of as a member, so that removing the set removes these
 * fields as well once they are empty. Entries of free maps and items of lists are left as they are.
 */
export function withNamedFields(type: TypeReference | undefined, set: FieldSet): FieldSet {
  if (set.children.length === 0) return set
  const node = type?.node ?? {}
  const children = set.children.map(({ element, set: child }): ChildSet => {
    return { element, set: withNamedFields(typeBelow(node, element), child) }
  })
  const named = set.children.filter(({ element }) => isDeclared(node, element)).map(({ element }) => element)
  return { members: union({ members: set.members, children: [] }, { members: named, children: [] }).members, children }
}

function isDeclared({ map }: TypeNode, element: PathElement): boolean {
  return element.kind === 'field' && map?.fields.has(element.name) === true
}

function typeBelow({ map, list }: TypeNode, element: PathElement): TypeReference | undefined {
  if (element.kind === 'field') return map?.fields.get(element.name)?.type ?? map?.others
  return element.kind === 'key' ? list?.items : undefined
}

import { jsonEqual } from '../../json/equal.ts'
import { isJsonObject } from '../../json/member.ts'
import { emptySet, type FieldSet, union } from '../fields/field-set.ts'
import { fieldElement, type PathElement } from '../fields/path-element.ts'
import { SetBuilder } from '../fields/set-builder.ts'
import {
  type Kind,
  kindOf,
  type ListNode,
  type MapNode,
  type TypeNode,
  type TypeReference,
} from '../types/type-node.ts'
import { allFields } from './all-fields.ts'
import { type ItemGroup, itemGroups, memberOf } from './list-items.ts'

/** What one object has, has otherwise or lacks compared with another. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

const noChange: Comparison = { added: emptySet, modified: emptySet, removed: emptySet }

/** An absent side is undefined. */
export function compare(type: TypeReference, before: unknown, after: unknown): Comparison {
  if (before === undefined) return { ...noChange, added: allFields(type, after) }
  if (after === undefined) return { ...noChange, removed: allFields(type, before) }
  return comparePresent(type, { before, after })?.below ?? noChange
}

interface Sides {
  readonly before: unknown
  readonly after: unknown
}

/** What changed of a value that is on both sides: the place itself, and below it. */
interface Changes {
  readonly isModified: boolean
  readonly below: Comparison | undefined
}

/** Undefined when nothing changed. A value that changed its kind is walked as what it was and as what it is. */
function comparePresent({ node }: TypeReference, sides: Sides): Changes | undefined {
  if (sides.before === sides.after || node === undefined) return undefined
  const was = kindOf(node, sides.before)
  const is = kindOf(node, sides.after)
  const asWas = compareAs(node, was, sides)
  if (was === is) return asWas
  const asIs = compareAs(node, is, sides)
  if (asWas === undefined || asIs === undefined) return asWas ?? asIs
  return { isModified: asWas.isModified || asIs.isModified, below: joined(asWas.below, asIs.below) }
}

function compareAs({ map, list }: TypeNode, kind: Kind | undefined, sides: Sides): Changes | undefined {
  if (kind === 'map' && map !== undefined) return compareMaps(map, sides)
  if (kind === 'list' && list !== undefined) return compareLists(list, sides)
  return compareLeaves(sides)
}

function compareLeaves({ before, after }: Sides): Changes | undefined {
  return jsonEqual(before, after) ? undefined : modified
}

const modified: Changes = { isModified: true, below: undefined }

function compareMaps(map: MapNode, sides: Sides): Changes | undefined {
  const before = isJsonObject(sides.before) ? sides.before : noMembers
  const after = isJsonObject(sides.after) ? sides.after : noMembers
  if (map.isAtomic || (isEmptyMap(before) && isEmptyMap(after))) return compareLeaves(sides)
  const level = new Level()
  for (const name in after) compareMember(map, { name, before: memberOf(before, name), after: after[name] }, level)
  for (const name in before) {
    if (!Object.hasOwn(after, name)) compareMember(map, { name, before: before[name], after: undefined }, level)
  }
  return level.changes()
}

const noMembers: Readonly<Record<string, unknown>> = {}

function compareMember(map: MapNode, { name, before, after }: Sides & { readonly name: string }, level: Level): void {
  if (before === after) return
  const field = map.fields.get(name)
  const type = field?.type ?? map.others
  if (type !== undefined) level.compare(field?.element ?? fieldElement(name), type, { before, after })
}

function compareLists(list: ListNode, sides: Sides): Changes | undefined {
  const before = Array.isArray(sides.before) ? sides.before : []
  const after = Array.isArray(sides.after) ? sides.after : []
  if (list.isAtomic || (before.length === 0 && after.length === 0)) return compareLeaves(sides)
  const level = new Level()
  const groups = itemGroups(list, before)
  const newGroups = itemGroups(list, after)
  for (const [text, group] of newGroups) compareGroups(list, { before: groups.get(text), after: group }, level)
  for (const [text, group] of groups) {
    if (!newGroups.has(text)) compareGroups(list, { before: group, after: undefined }, level)
  }
  return level.changes()
}

interface Groups {
  readonly before: ItemGroup | undefined
  readonly after: ItemGroup | undefined
}

/** Order does not matter. Items that share an element are one to the outside: ceasing to do so replaces them. */
function compareGroups({ items: type }: ListNode, { before, after }: Groups, level: Level): void {
  const element = (after ?? before)?.element
  if (element === undefined) return
  const items = { before: before?.items ?? [], after: after?.items ?? [] }
  if (items.before.length <= 1 && items.after.length <= 1) {
    level.compare(element, type, { before: items.before[0], after: items.after[0] })
  } else if (items.after.length <= 1) {
    level.compare(element, type, { before: undefined, after: items.after[0] })
    level.member('removed', element)
  } else if (items.before.length <= 1) {
    level.compare(element, type, { before: items.before[0], after: undefined })
    level.member('added', element)
  } else if (!jsonEqual(items.before, items.after)) level.member('modified', element)
}

type Change = keyof Comparison

/** Collects the changes of one map or list that is on both sides. One that lost its last entry is not modified. */
class Level {
  readonly #sets: Record<Change, SetBuilder | undefined> = { added: undefined, modified: undefined, removed: undefined }

  compare(element: PathElement, type: TypeReference, { before, after }: Sides): void {
    if (before === after || type.node === undefined) return
    if (before === undefined) this.#whole('added', element, allFields(type, after))
    else if (after === undefined) this.#whole('removed', element, allFields(type, before))
    else this.#add(element, comparePresent(type, { before, after }))
  }

  member(change: Change, element: PathElement): void {
    this.#set(change).member(element)
  }

  changes(): Changes | undefined {
    const { added, modified, removed } = this.#sets
    if (added === undefined && modified === undefined && removed === undefined) return undefined
    const below = {
      added: added?.build() ?? emptySet,
      modified: modified?.build() ?? emptySet,
      removed: removed?.build() ?? emptySet,
    }
    return { isModified: false, below }
  }

  /** What came or went is itself added or removed, with all below it. */
  #whole(change: Change, element: PathElement, below: FieldSet): void {
    const set = this.#set(change)
    set.member(element)
    set.child(element, below)
  }

  #add(element: PathElement, changes: Changes | undefined): void {
    if (changes === undefined) return
    if (changes.isModified) this.member('modified', element)
    if (changes.below === undefined) return
    for (const change of allChanges) {
      const set = changes.below[change]
      if (set !== emptySet) this.#set(change).child(element, set)
    }
  }

  #set(change: Change): SetBuilder {
    return (this.#sets[change] ??= new SetBuilder())
  }
}

const allChanges = ['added', 'modified', 'removed'] as const

function joined(a: Comparison | undefined, b: Comparison | undefined): Comparison | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return {
    added: union(a.added, b.added),
    modified: union(a.modified, b.modified),
    removed: union(a.removed, b.removed),
  }
}

function isEmptyMap(value: Readonly<Record<string, unknown>>): boolean {
  for (const _ in value) return false
  return true
}

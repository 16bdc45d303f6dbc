import { jsonEqual } from '../../json/equal.ts'
import { isJsonObject } from '../../json/member.ts'
import { emptySet, type FieldSet, union } from '../fields/field-set.ts'
import { fieldElement, type PathElement } from '../fields/path-element.ts'
import { SetBuilder } from '../fields/set-builder.ts'
import { type Kind, kindOf, type ListNode, type MapNode, type TypeReference } from '../types/type-node.ts'
import { type ItemGroup, itemGroups, memberOf } from './list-items.ts'

/** What one object has, has otherwise or lacks compared with another. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

const noChange: Comparison = { added: emptySet, modified: emptySet, removed: emptySet }

export function compare(type: TypeReference, before: unknown, after: unknown): Comparison {
  return compareValue(type, before, after)?.below ?? noChange
}

type Change = keyof Comparison

/** What changed: the place itself, and below it. */
interface Changes {
  readonly self?: Change | undefined
  readonly below?: Comparison | undefined
}

/** Undefined when nothing changed. An absent side is undefined. */
function compareValue(type: TypeReference, before: unknown, after: unknown): Changes | undefined {
  const { node } = type
  if (before === after || node === undefined) return undefined
  if (before === undefined) return compareAs(type, kindOf(node, after), { before, after })
  if (after === undefined) return compareAs(type, kindOf(node, before), { before, after })
  return comparePresent(type, [kindOf(node, before), kindOf(node, after)], { before, after })
}

interface Sides {
  readonly before: unknown
  readonly after: unknown
}

/** A value that changed its kind is walked as what it was and as what it is. */
function comparePresent(
  type: TypeReference,
  [was, is]: readonly (Kind | undefined)[],
  sides: Sides,
): Changes | undefined {
  const asWas = compareAs(type, was, sides)
  if (was === is) return asWas
  const asIs = compareAs(type, is, sides)
  if (asWas === undefined || asIs === undefined) return asWas ?? asIs
  return { self: asWas.self ?? asIs.self, below: joined(asWas.below, asIs.below) }
}

function compareAs(type: TypeReference, kind: Kind | undefined, sides: Sides): Changes | undefined {
  const { map, list } = type.node ?? {}
  if (kind === 'map' && map !== undefined) return compareMaps(map, sides)
  if (kind === 'list' && list !== undefined) return compareLists(list, sides)
  return compareLeaves(sides)
}

function compareLeaves({ before, after }: Sides): Changes | undefined {
  if (before === undefined) return { self: 'added' }
  if (after === undefined) return { self: 'removed' }
  return jsonEqual(before, after) ? undefined : { self: 'modified' }
}

function compareMaps(map: MapNode, sides: Sides): Changes | undefined {
  const before = isJsonObject(sides.before) ? sides.before : {}
  const after = isJsonObject(sides.after) ? sides.after : {}
  const names = Object.keys(before)
  const newNames = Object.keys(after)
  if (map.isAtomic || (names.length === 0 && newNames.length === 0)) return compareLeaves(sides)
  const level = new Level()
  for (const name of newNames) compareMember(map, { name, before: memberOf(before, name), after: after[name] }, level)
  for (const name of names) {
    if (!Object.hasOwn(after, name)) compareMember(map, { name, before: before[name], after: undefined }, level)
  }
  return level.changes(sides)
}

function compareMember(map: MapNode, member: Sides & { readonly name: string }, level: Level): void {
  if (member.before === member.after) return
  const field = map.fields.get(member.name)
  const type = field?.type ?? map.others
  if (type === undefined) return
  level.add(field?.element ?? fieldElement(member.name), compareValue(type, member.before, member.after))
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
  return level.changes(sides)
}

interface Groups {
  readonly before: ItemGroup | undefined
  readonly after: ItemGroup | undefined
}

/** Order does not matter. Items that share an element are one to the outside: ceasing to do so replaces them. */
function compareGroups(list: ListNode, { before, after }: Groups, level: Level): void {
  const element = (after ?? before)?.element
  if (element === undefined) return
  const items = { before: before?.items ?? [], after: after?.items ?? [] }
  if (items.before.length <= 1 && items.after.length <= 1) {
    level.add(element, compareValue(list.items, items.before[0], items.after[0]))
  } else if (items.after.length <= 1) {
    level.add(element, compareValue(list.items, undefined, items.after[0]))
    level.add(element, { self: 'removed' })
  } else if (items.before.length <= 1) {
    level.add(element, compareValue(list.items, items.before[0], undefined))
    level.add(element, { self: 'added' })
  } else if (!jsonEqual(items.before, items.after)) level.add(element, { self: 'modified' })
}

/** Collects the changes of one map or list. */
class Level {
  readonly #sets: { [change in Change]?: SetBuilder } = {}

  add(element: PathElement, changes: Changes | undefined): void {
    if (changes === undefined) return
    if (changes.self !== undefined) this.#set(changes.self).member(element)
    if (changes.below === undefined) return
    for (const change of allChanges) {
      const set = changes.below[change]
      if (set !== emptySet) this.#set(change).child(element, set)
    }
  }

  /** A container that came or went is itself added or removed; one that lost its last entry is not modified. */
  changes({ before, after }: Sides): Changes | undefined {
    const { added, modified, removed } = this.#sets
    const isPresent = before !== undefined && after !== undefined
    if (isPresent && added === undefined && modified === undefined && removed === undefined) return undefined
    const comparison = {
      added: added?.build() ?? emptySet,
      modified: modified?.build() ?? emptySet,
      removed: removed?.build() ?? emptySet,
    }
    if (isPresent) return { below: comparison }
    return { self: before === undefined ? 'added' : 'removed', below: comparison }
  }

  #set(change: Change): SetBuilder {
    const known = this.#sets[change]
    if (known !== undefined) return known
    const made = new SetBuilder()
    this.#sets[change] = made
    return made
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

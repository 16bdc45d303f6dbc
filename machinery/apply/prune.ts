import { difference, emptySet, type FieldSet, intersection, isEmptySet, union } from './fields/field-set.ts'
import { withNamedFields } from './typed/named-fields.ts'
import { removeItems } from './typed/remove-items.ts'
import { toFieldSet } from './typed/to-field-set.ts'
import type { ConvertTyped, TypedObject } from './typed-object.ts'
import type { Managers, VersionedSet } from './versioned-set.ts'

interface PruneState {
  readonly merged: TypedObject
  /** With the new set of `self` in it. */
  readonly managers: Managers
  readonly self: string
  /** What `self` had applied before. */
  readonly last: VersionedSet | undefined
}

/** `merged` without what its manager had applied before, applies no more, and nobody else owns. */
export function prune(convert: ConvertTyped, { merged, managers, self, last }: PruneState): TypedObject {
  if (last === undefined || isEmptySet(last.set)) return merged
  const whole = convert(merged, last.apiVersion)
  if (whole === undefined) return merged
  const lastNamed = withNamedFields(whole.type, last.set)
  if (keepsAll(managers.get(self), { whole, last, lastNamed })) return merged
  const first = without(whole, lastNamed)
  const owned = addBackOwned(convert, { whole, pruned: first }, ownedByVersion(managers, last.apiVersion))
  const pruned = addBackDangling(convert, { whole, pruned: owned }, lastNamed)
  return convert(pruned, merged.apiVersion) ?? merged
}

/** Nothing was left out of the new configuration: the common case of one that is applied again. */
function keepsAll(
  now: VersionedSet | undefined,
  before: { whole: TypedObject; last: VersionedSet; lastNamed: FieldSet },
): boolean {
  if (now === undefined || now.apiVersion !== before.last.apiVersion) return false
  return isEmptySet(difference(before.lastNamed, withNamedFields(before.whole.type, now.set)))
}

/** What all managers own together, the version of the pruned object first: others may not convert what was pruned. */
function ownedByVersion(managers: Managers, first: string): ReadonlyMap<string, FieldSet> {
  const owned = new Map<string, FieldSet>()
  for (const { apiVersion } of managers.values()) if (apiVersion === first) owned.set(first, emptySet)
  for (const { apiVersion, set } of managers.values())
    owned.set(apiVersion, union(owned.get(apiVersion) ?? emptySet, set))
  return owned
}

interface Pruning {
  readonly whole: TypedObject
  readonly pruned: TypedObject
}

/** What anybody owns stays; each round goes on in the version that it was made in. */
function addBackOwned(convert: ConvertTyped, start: Pruning, owned: ReadonlyMap<string, FieldSet>): TypedObject {
  let { whole, pruned } = start
  for (const [apiVersion, set] of owned) {
    const wholeHere = convert(whole, apiVersion)
    const prunedHere = convert(pruned, apiVersion)
    if (wholeHere === undefined || prunedHere === undefined) continue
    whole = wholeHere
    const kept = union(namedFields(prunedHere), withNamedFields(whole.type, set))
    pruned = without(whole, difference(namedFields(whole), kept))
  }
  return pruned
}

/** Only what the manager had applied itself may go: what came along with it stays. */
function addBackDangling(convert: ConvertTyped, { whole, pruned }: Pruning, lastNamed: FieldSet): TypedObject {
  const prunedHere = convert(pruned, whole.apiVersion)
  if (prunedHere === undefined) return whole
  return without(whole, intersection(difference(namedFields(whole), namedFields(prunedHere)), lastNamed))
}

function namedFields({ type, value }: TypedObject): FieldSet {
  return withNamedFields(type, toFieldSet(type, value))
}

function without(object: TypedObject, set: FieldSet): TypedObject {
  return { ...object, value: removeItems(object.type, object.value, set) }
}

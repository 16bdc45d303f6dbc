import { jsonEqual } from '../json/equal.ts'
import { ConflictsError } from './conflicts.ts'
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  recursiveDifference,
  union,
} from './fields/field-set.ts'
import { prune } from './prune.ts'
import { compare } from './typed/compare.ts'
import { merge } from './typed/merge.ts'
import { reconcile } from './typed/reconcile.ts'
import { toFieldSet } from './typed/to-field-set.ts'
import type { ConvertTyped, TypedObject } from './typed-object.ts'
import type { Managers, VersionedSet } from './versioned-set.ts'

/** What an ownership computation needs to know besides the objects. */
export interface UpdaterConfig {
  readonly convert: ConvertTyped
  /** Fields that nobody comes to own through this endpoint; all below them included. */
  readonly ignored: (apiVersion: string) => FieldSet
}

/** One write: the live object and who owns what of it, before. */
export interface WriteState {
  readonly live: TypedObject
  readonly managers: Managers
  /** Identifier of the manager that writes. */
  readonly self: string
}

/**
 * The managers after `next` was written over the live object, in a map of the caller's own: the writer owns what it
 * changed, not what it sent.
 */
export function updateManagers(config: UpdaterConfig, state: WriteState, next: TypedObject): Map<string, VersionedSet> {
  const { live, self } = state
  const before = reconciled(config, state)
  const { managers, own } = settle(config, { live, managers: before, self }, { next, force: true })
  const kept = difference(managers.get(self)?.set ?? emptySet, own.removed)
  const set = recursiveDifference(union(kept, own.written), config.ignored(next.apiVersion))
  if (isEmptySet(set)) managers.delete(self)
  else managers.set(self, { set, apiVersion: next.apiVersion, isApplied: false })
  return managers
}

export interface Applied {
  /** Undefined when the live object has all that was applied. */
  readonly object: TypedObject | undefined
  readonly managers: Managers
}

/** Merges a configuration into the live object; what its manager had applied before and now leaves out goes. */
export function applyConfig(
  config: UpdaterConfig,
  state: WriteState,
  applied: { readonly config: TypedObject; readonly force: boolean },
): Applied {
  const { live, self } = state
  const { apiVersion, type } = applied.config
  const before = reconciled(config, state)
  const merged = { apiVersion, type, value: merge(type, live.value, applied.config.value) }
  const last = before.get(self)
  const set = recursiveDifference(toFieldSet(type, applied.config.value), config.ignored(apiVersion))
  const owners: Managers = new Map(before).set(self, { set, apiVersion, isApplied: true })
  const next = prune(config.convert, { merged, managers: owners, self, last })
  const { managers } = settle(config, { live, managers: owners, self }, { next, force: applied.force })
  return { object: jsonEqual(next.value, live.value) ? undefined : next, managers }
}

/** Sets as the types of today have them; managers of versions that are gone go with them. */
function reconciled({ convert }: UpdaterConfig, { live, managers }: WriteState): Managers {
  let changed: Map<string, VersionedSet> | undefined
  for (const [id, manager] of managers) {
    const type = convert(live, manager.apiVersion)?.type
    const set = type && reconcile(type, manager.set)
    if (set === manager.set) continue
    changed ??= new Map(managers)
    if (set === undefined) changed.delete(id)
    else changed.set(id, { ...manager, set })
  }
  return changed ?? managers
}

interface Settled {
  /** The caller's own. */
  readonly managers: Map<string, VersionedSet>
  /** What changed, in the version of the write. */
  readonly own: Change
}

/** Everybody else loses what the write changes or removes; without force, changing it is a conflict. */
function settle(
  config: UpdaterConfig,
  { live, managers, self }: WriteState,
  { next, force }: { readonly next: TypedObject; readonly force: boolean },
): Settled {
  const result = new Map<string, VersionedSet>()
  if (managers.size === 0)
    return { managers: result, own: changeIn(config, next.apiVersion, { live, next }) ?? nothing }
  const changes = changesByVersion(config, { live, next })
  let conflicts: Map<string, FieldSet> | undefined
  for (const [id, manager] of managers) {
    if (id === self) {
      result.set(id, manager)
      continue
    }
    const change = changes(manager.apiVersion)
    if (change === undefined) continue
    const conflict = intersection(manager.set, change.written)
    if (!isEmptySet(conflict)) conflicts = (conflicts ?? new Map<string, FieldSet>()).set(id, conflict)
    const set = difference(difference(manager.set, conflict), change.removed)
    result.set(id, set === manager.set ? manager : { ...manager, set })
  }
  if (!force && conflicts !== undefined) throw new ConflictsError(conflicts)
  for (const [id, { set }] of result) if (isEmptySet(set)) result.delete(id)
  return { managers: result, own: changes(next.apiVersion) ?? nothing }
}

interface Change {
  /** Added or modified. */
  readonly written: FieldSet
  readonly removed: FieldSet
}

/** Of a version that is gone. */
const nothing: Change = { written: emptySet, removed: emptySet }

interface Step {
  readonly live: TypedObject
  readonly next: TypedObject
}

/** The two objects compared in each version that is asked for; undefined for versions that are gone. */
function changesByVersion(config: UpdaterConfig, step: Step): (apiVersion: string) => Change | undefined {
  const known = new Map<string, Change | undefined>()
  return (apiVersion) => {
    if (!known.has(apiVersion)) known.set(apiVersion, changeIn(config, apiVersion, step))
    return known.get(apiVersion)
  }
}

function changeIn({ convert, ignored }: UpdaterConfig, apiVersion: string, { live, next }: Step): Change | undefined {
  const before = convert(live, apiVersion)
  const after = convert(next, apiVersion)
  if (before === undefined || after === undefined) return undefined
  const { added, modified, removed } = compare(after.type, before.value, after.value)
  return {
    written: recursiveDifference(union(modified, added), ignored(apiVersion)),
    removed: recursiveDifference(removed, ignored(apiVersion)),
  }
}

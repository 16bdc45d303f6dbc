import type { Backend, Entry, Key, NewEntry, Revision } from '../backend.ts'
import { StorageError } from '../errors.ts'
import { identityBytes, identityKey, parseIdentity } from '../identity.ts'

export interface RestoreOptions {
  /** What is to become of objects that are there now, and not in the snapshot. */
  readonly others: 'refuse' | 'keep' | 'remove'
  /** Which object lies there: another one under the same key is another object. */
  readonly uidOf: (entry: NewEntry) => string
  /** What goes by itself and is not worth a question. */
  readonly isFleeting: (key: Key) => boolean
  /**
   * The store is refused: nothing of it is served, and its place was taken from one that has given revisions up to this
   * one. It stays refused, in no epoch, until it is accepted.
   */
  readonly refusedAbove?: Revision
}

export type Restored =
  | {
      readonly type: 'restored'
      readonly revision: Revision
      readonly restored: number
      readonly kept: number
      readonly removed: number
    }
  /** Nothing was touched. */
  | { readonly type: 'refused'; readonly others: readonly Key[] }

const ownPrefix = '/store/'

/**
 * Puts the state of a snapshot in the place of what is there, above all revisions that were given, in an epoch of its
 * own; the store keeps its name. Uids are what they were, so who is named as an owner is still the owner.
 */
export async function restoreSnapshot(
  backend: Backend,
  entries: readonly NewEntry[],
  options: RestoreOptions,
): Promise<Restored> {
  if (backend.replaceAll === undefined) throw new StorageError('unavailable', 'this store keeps its state')
  let merged: Merged = { next: [], kept: 0, removed: 0 }
  const decide = (present: readonly Entry[]): readonly NewEntry[] => {
    merged = mergedOf(present, entries, options)
    return merged.next
  }
  try {
    const countMax = entries.length + (await presentCount(backend)) + newcomersMax
    const { refusedAbove: above } = options
    const revision = await backend.replaceAll({ countMax, decide, ...(above !== undefined && { above }) })
    const { next, kept, removed } = merged
    const restored = next.filter(({ key }) => isObjectKey(key)).length - kept
    return { type: 'restored', revision, restored, kept, removed }
  } catch (error) {
    if (error instanceof OthersFound) return { type: 'refused', others: error.others }
    throw error
  }
}

/** Between the count and the decision; beyond them the restore fails, and may be tried again. */
const newcomersMax = 1000

interface Merged {
  readonly next: readonly NewEntry[]
  readonly kept: number
  readonly removed: number
}

class OthersFound extends Error {
  readonly others: readonly Key[]

  constructor(others: readonly Key[]) {
    super('others')
    this.others = others
  }
}

function mergedOf(present: readonly Entry[], entries: readonly NewEntry[], options: RestoreOptions): Merged {
  const { others: policy, uidOf, isFleeting, refusedAbove } = options
  const archived = new Map(entries.filter(({ key }) => key !== identityKey).map((entry) => [entry.key, entry]))
  const isOther = (entry: Entry): boolean => {
    const there = archived.get(entry.key)
    return isObjectKey(entry.key) && (there === undefined || uidOf(there) !== uidOf(entry))
  }
  const all = present.filter(isOther)
  const others = all.filter(({ key }) => !isFleeting(key))
  if (policy === 'refuse' && others.length > 0) throw new OthersFound(others.map(({ key }) => key))
  const kept = policy === 'keep' ? all : []
  for (const entry of kept) archived.set(entry.key, entry)
  const identity = identityOf(present, refusedAbove === undefined)
  const next = [identity, ...archived.values()].map(({ key, value }) => ({ key, value }))
  return { next, kept: kept.length, removed: policy === 'remove' ? others.length : 0 }
}

/** Not what the store knows of itself. */
export function isObjectKey(key: Key): boolean {
  return !key.startsWith(ownPrefix)
}

function identityOf(present: readonly Entry[], isServed: boolean): NewEntry {
  const found = present.find(({ key }) => key === identityKey)
  if (found === undefined) throw new StorageError('foreign', 'the store has no name')
  const { uid, epoch } = parseIdentity(found.value)
  return { key: identityKey, value: identityBytes({ uid, epoch: isServed ? epoch + 1 : 0 }) }
}

async function presentCount(backend: Backend): Promise<number> {
  for await (const { total } of backend.pages?.() ?? []) return total
  return 0
}

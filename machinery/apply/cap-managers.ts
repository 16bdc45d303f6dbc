import { union } from './fields/field-set.ts'
import { compareTexts } from './fields/value-order.ts'
import type { Ownership } from './managed-fields.ts'
import { identifierOf } from './manager-identity.ts'
import type { VersionedSet } from './versioned-set.ts'

const updateEntriesMax = 10

/**
 * Joins the oldest Update entries of each version into one, `ancient-changes`, until there are few enough. Entries of
 * different versions are not joined, so more may remain; those of appliers never are.
 */
export function capManagers(ownership: Ownership): Ownership {
  if (ownership.managers.size <= updateEntriesMax) return ownership
  const updates = [...ownership.managers].filter(([, { isApplied }]) => !isApplied)
  if (updates.length <= updateEntriesMax) return ownership
  const managers = new Map(ownership.managers)
  const times = new Map(ownership.times)
  const firstOfVersion = new Map<string, string>()
  let excess = updates.length - updateEntriesMax
  for (const [id, { apiVersion }] of updates.toSorted(([a], [b]) => compareAges(ownership, a, b))) {
    if (excess === 0) break
    const first = firstOfVersion.get(apiVersion)
    if (first === undefined) {
      firstOfVersion.set(apiVersion, id)
      continue
    }
    const bucket = bucketOf(apiVersion)
    if (id === bucket) continue
    if (!managers.has(bucket)) move(managers, first, bucket)
    join({ managers, times }, id, bucket)
    excess -= 1
  }
  return { managers, times }
}

interface Changing {
  readonly managers: Map<string, VersionedSet>
  readonly times: Map<string, string>
}

function compareAges({ times }: Ownership, a: string, b: string): number {
  return compareTexts(times.get(a) ?? '', times.get(b) ?? '') || compareTexts(a, b)
}

function bucketOf(apiVersion: string): string {
  return identifierOf({ manager: 'ancient-changes', operation: 'Update', apiVersion, subresource: '' })
}

function move<T>(map: Map<string, T>, from: string, to: string): void {
  const value = map.get(from)
  map.delete(from)
  if (value !== undefined) map.set(to, value)
}

/** The bucket takes the time of what came to it last. */
function join({ managers, times }: Changing, id: string, bucket: string): void {
  const own = managers.get(id)
  const before = managers.get(bucket)
  if (own === undefined || before === undefined) return
  managers.set(bucket, { ...before, set: union(before.set, own.set) })
  const time = times.get(id)
  if (time === undefined) times.delete(bucket)
  else times.set(bucket, time)
  managers.delete(id)
  times.delete(id)
}

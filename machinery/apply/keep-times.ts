import { jsonEqualBut } from '../json/equal.ts'
import type { KubeObject } from '../object.ts'

/**
 * `next` with the managedFields of `previous` where the two objects differ in the times of managedFields only: a write
 * that changes nothing else is none. To be called after everything that changes the object and before it is stored.
 */
export function keepTimes(next: KubeObject, previous: KubeObject): KubeObject {
  const { managedFields } = next.metadata
  const { managedFields: before } = previous.metadata
  if (managedFields === undefined || before === undefined || managedFields === before) return next
  if (managedFields.length !== before.length || managedFields.length === 0) return next
  const hasOtherTimes = managedFields.some((entry, index) => entry.time !== before[index]?.time)
  if (!hasOtherTimes || !managedFields.every((entry, index) => jsonEqualBut(time, entry, before[index] ?? {})))
    return next
  if (!jsonEqualBut(metadata, next, previous) || !jsonEqualBut(notContent, next.metadata, previous.metadata))
    return next
  return { ...next, metadata: { ...next.metadata, managedFields: before } }
}

const time: ReadonlySet<string> = new Set(['time'])
const metadata: ReadonlySet<string> = new Set(['metadata'])
/** resourceVersion is the store's own and says nothing about content. */
const notContent: ReadonlySet<string> = new Set(['managedFields', 'resourceVersion'])

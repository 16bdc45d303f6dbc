import { jsonEqual } from '../json/equal.ts'
import type { KubeObject, ManagedFieldsEntry } from '../object.ts'

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
  if (!hasOtherTimes || !managedFields.every((entry, index) => equalButForTime(entry, before[index]))) return next
  if (!jsonEqual(withoutManagedFields(next), withoutManagedFields(previous))) return next
  return { ...next, metadata: { ...next.metadata, managedFields: before } }
}

function equalButForTime({ time: _, ...entry }: ManagedFieldsEntry, before: ManagedFieldsEntry | undefined): boolean {
  const { time: __, ...rest } = before ?? {}
  return jsonEqual(entry, rest)
}

/** resourceVersion is the store's own and says nothing about content. */
function withoutManagedFields(object: KubeObject): unknown {
  const { managedFields: _, resourceVersion: __, ...metadata } = object.metadata
  return { ...object, metadata }
}

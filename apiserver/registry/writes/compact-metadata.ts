import type { KubeObject, ObjectMeta } from '../../../machinery/object.ts'

/**
 * Without members that say nothing: null, '', {} and [], as Go's ObjectMeta writes none of them. An empty managedFields
 * stays: it asks for a reset.
 */
export function withCompactMetadata(object: KubeObject): KubeObject {
  const entries = Object.entries(object.metadata)
  const kept = entries.filter(([member, value]) => member === 'managedFields' || saysSomething(value))
  return kept.length === entries.length
    ? object
    : { ...object, metadata: Object.fromEntries(kept) satisfies ObjectMeta }
}

function saysSomething(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}

import type { Schema } from '../../schema/schema.ts'

/** What field ownership has to know of an object's type: which lists and maps are owned as one, and by which keys. */
export interface ObjectType {
  readonly name: string
}

/** Of a whole object: its schema has apiVersion, kind and metadata. */
export function objectTypeOf(schema: Schema): ObjectType {
  return { name: schema.type ?? '' }
}

/** Of objects without a schema: maps are granular, every list is owned as one. */
export const deducedType: ObjectType = { name: '__untyped_deduced_' }

import type { Column } from '../../../apiserver/registry/kind.ts'

/** Roles show when they were made, not how old they are. */
export const createdAtColumn: Column = {
  name: 'Created At',
  type: 'date',
  description: 'When the object was created.',
  value: (object) => object.metadata.creationTimestamp,
}

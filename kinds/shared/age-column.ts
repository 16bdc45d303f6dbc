import type { Column } from '../../apiserver/registry/kind.ts'

export const ageColumn: Column = {
  name: 'Age',
  type: 'date',
  description: 'How long ago the object was created.',
  value: (object) => object.metadata.creationTimestamp,
}

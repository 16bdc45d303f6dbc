import type { KubeObject } from '../../../machinery/object.ts'
import { boolean, type Infer, map, object, string } from '../../../machinery/schema/builder.ts'

export type Secret = KubeObject & Infer<typeof secretV1>

export const secretV1 = object('Secret holds values that only those who may read it see.', {
  data: map('The values, base64-encoded.', string('One value, base64-encoded.', { format: 'byte' })),
  immutable: boolean('When true, nothing but the metadata can change any more.'),
  stringData: map('Values as plain text; written into data and never shown.', string('One value as plain text.')),
  type: string('Says what the keys mean; cannot change.', { default: 'Opaque' }),
})

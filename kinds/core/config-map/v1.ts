import type { KubeObject } from '../../../machinery/object.ts'
import { boolean, type Infer, map, object, string } from '../../../machinery/schema/builder.ts'

export type ConfigMap = KubeObject & Infer<typeof configMapV1>

export const configMapV1 = object('ConfigMap holds settings.', {
  binaryData: map(
    'Values that are not text, base64-encoded.',
    string('One value, base64-encoded.', { format: 'byte' }),
  ),
  data: map('Values that are text.', string('One value.')),
  immutable: boolean('When true, nothing but the metadata can change any more.'),
})

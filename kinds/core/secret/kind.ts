import { defineKind } from '../../../apiserver/registry/kind.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { canonicalBytes, encodedTexts, textsOf } from '../byte-values.ts'
import { secretMessage } from './message.ts'
import { type Secret, secretV1 } from './v1.ts'
import { validations } from './validate.ts'

export const secret = defineKind({
  group: '',
  names: { kind: 'Secret', plural: 'secrets' },
  scope: 'namespaced',
  versions: { v1: { schema: secretV1, protobuf: secretMessage } },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  columns: [
    {
      name: 'Type',
      type: 'string',
      description: 'What the keys mean.',
      value: (object) => (object as Secret).type,
    },
    {
      name: 'Data',
      type: 'string',
      description: 'How many keys there are.',
      value: (object) => Object.keys((object as Secret).data ?? {}).length,
    },
    ageColumn,
  ],
  selectableFields: [{ path: 'type', value: (object) => (object as Secret).type ?? '' }],
  decode: withTextsAsBytes,
  strategicMergeKeys: {},
  validate: validations,
})

/** stringData is write-only: each of its keys replaces the one in data. An empty map is as good as none. */
function withTextsAsBytes(object: KubeObject): KubeObject {
  const { data, stringData, ...others } = object
  const [bytes, texts] = [textsOf(data), textsOf(stringData)]
  if (bytes === undefined || texts === undefined) return object
  const folded = { ...canonicalBytes(bytes, { kind: 'Secret', member: 'data' }), ...encodedTexts(texts) }
  return { ...others, ...(Object.keys(folded).length > 0 && { data: folded }) }
}

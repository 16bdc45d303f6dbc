import { defineKind } from '../../../apiserver/registry/kind.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { canonicalBytes, encodedTexts } from '../byte-values.ts'
import { type Secret, secretV1 } from './v1.ts'
import { validations } from './validate.ts'

export const secret = defineKind({
  group: '',
  names: { kind: 'Secret', plural: 'secrets' },
  scope: 'namespaced',
  versions: { v1: { schema: secretV1 } },
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
  prepare: (object) => withTextsAsBytes(object),
  strategicMergeKeys: {},
  validate: validations,
})

/** stringData is write-only: each of its keys replaces the one in data. */
function withTextsAsBytes({ stringData, ...secret }: Secret): KubeObject {
  const object: KubeObject & typeof secret = secret
  if (object.data === undefined && stringData === undefined) return object
  const bytes = canonicalBytes(object.data ?? {}, { kind: 'Secret', member: 'data' })
  return { ...object, data: { ...bytes, ...encodedTexts(stringData ?? {}) } }
}

import type { JsonObject } from '../../machinery/object.ts'
import { array, object, oneOf, required, string } from '../../machinery/schema/builder.ts'
import { deriveSchema } from '../../machinery/schema/derive.ts'
import { editedAt, isJsonArray, isJsonObject } from '../shared/conversion/json-edit.ts'
import { losslessConversion } from '../shared/conversion/lossless.ts'
import { withoutBounds } from '../shared/without-bounds.ts'
import { externalSecretV1 } from './v1.ts'
import { externalSecretV1beta1 } from './v1beta1.ts'

const dataFrom = array(
  'Remote secrets whose keys all go into the Secret.',
  object('One remote secret.', {
    conversionStrategy: oneOf(
      'How characters that a Secret key cannot hold are replaced: by _ (Default) or by their code point (Unicode).',
      ['Default', 'Unicode'],
      { default: 'Default' },
    ),
    key: required(string('The name of the remote secret.')),
    property: string('The part of the remote secret to take; the whole when absent.'),
    version: string('The version of the remote secret; the current one when absent.'),
  }),
)

/** All that v1alpha1 ever said: the schema of 0.9.20, its last release, which bounds no text. */
export const externalSecretV1alpha1 = deriveSchema(withoutBounds(externalSecretV1beta1), {
  spec: { required: ['secretStoreRef', 'target'] },
  'spec.data[].remoteRef.decodingStrategy': null,
  'spec.data[].remoteRef.metadataPolicy': null,
  'spec.data[].sourceRef': null,
  'spec.dataFrom': dataFrom,
  'spec.refreshInterval': { default: '1h' },
  'spec.refreshPolicy': null,
  'spec.secretStoreRef': { required: ['name'] },
  'spec.target': { default: undefined },
  'spec.target.creationPolicy': { enum: ['Owner', 'Merge', 'None'] },
  'spec.target.deletionPolicy': null,
  'spec.target.template.engineVersion': { default: 'v1' },
  'spec.target.template.mergePolicy': null,
  'spec.target.template.templateFrom[]': { minProperties: 1, maxProperties: 1 },
  'spec.target.template.templateFrom[].configMap.items[].templateAs': null,
  'spec.target.template.templateFrom[].literal': null,
  'spec.target.template.templateFrom[].secret.items[].templateAs': null,
  'spec.target.template.templateFrom[].target': null,
})

/** A template that names no engineVersion is one of v1 here, and one of v2 in the storage version. */
const ownDefaults = [{ at: ['spec', 'target', 'template', 'engineVersion'], here: 'v1', inStorage: 'v2' }]

export const v1alpha1Conversion = losslessConversion({
  schema: externalSecretV1alpha1,
  storageSchema: externalSecretV1,
  toStorage: (content) => mapDataFrom(content, nested),
  fromStorage: (content) => mapDataFrom(content, flattened),
  ownDefaults,
})

function mapDataFrom(content: JsonObject, map: (entry: JsonObject) => JsonObject): JsonObject {
  return editedAt(content, ['spec', 'dataFrom'], (entries) =>
    isJsonArray(entries) ? entries.map((entry) => (isJsonObject(entry) ? map(entry) : entry)) : entries,
  )
}

/** v1alpha1 says in the entry itself what v1 says under `extract`. */
function nested(entry: JsonObject): JsonObject {
  const { find, rewrite, sourceRef, ...extract } = entry
  if (extract['key'] === undefined) return entry
  return { extract, ...(find && { find }), ...(rewrite && { rewrite }), ...(sourceRef && { sourceRef }) }
}

function flattened(entry: JsonObject): JsonObject {
  const { extract, ...others } = entry
  return isJsonObject(extract) ? { ...extract, ...others } : entry
}

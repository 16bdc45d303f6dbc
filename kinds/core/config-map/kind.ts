import { defineKind, type ValidationResult } from '../../../apiserver/registry/kind.ts'
import { type FieldError, invalidField, tooLong } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { canonicalBytes, decodedLength, textsOf } from '../byte-values.ts'
import { dataBytesMax, immutableErrors, keyErrors } from '../data-rules.ts'
import { configMapMessage } from './message.ts'
import { type ConfigMap, configMapV1 } from './v1.ts'

export const configMap = defineKind({
  group: '',
  names: { kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] },
  scope: 'namespaced',
  versions: { v1: { schema: configMapV1, protobuf: configMapMessage } },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  columns: [
    {
      name: 'Data',
      type: 'string',
      description: 'How many keys there are.',
      value: (object) => keysOf(object).length,
    },
    ageColumn,
  ],
  decode: decoded,
  strategicMergeKeys: {},
  validate: [{ name: 'config-map', check: checkConfigMap }],
})

function keysOf({ data = {}, binaryData = {} }: ConfigMap): readonly string[] {
  return [...Object.keys(data), ...Object.keys(binaryData)]
}

function decoded(object: KubeObject): KubeObject {
  const { data, binaryData, ...others } = object
  const [texts, bytes] = [textsOf(data), textsOf(binaryData)]
  if (texts === undefined || bytes === undefined) return object
  const canonical = canonicalBytes(bytes, { kind: 'ConfigMap', member: 'binaryData' })
  return { ...others, ...ifAny('data', texts), ...ifAny('binaryData', canonical) }
}

/** An empty map is as good as none. */
function ifAny(member: string, values: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return Object.keys(values).length === 0 ? {} : { [member]: values }
}

function checkConfigMap(object: KubeObject, previous: KubeObject | undefined): ValidationResult {
  const { data = {}, binaryData = {} } = object as ConfigMap
  return {
    errors: [
      ...keyErrors('data', data),
      ...doubledKeys(object),
      ...keyErrors('binaryData', binaryData),
      // Kubernetes names the whole object by an empty path element, which prints as [].
      ...(sizeOf(object) > dataBytesMax ? [tooLong('[]', dataBytesMax)] : []),
      ...immutableErrors(object, previous, ['data', 'binaryData']),
    ],
  }
}

function doubledKeys({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const doubled = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key))
  return doubled.map((key) => invalidField(`data[${key}]`, key, 'duplicate of key present in binaryData'))
}

function sizeOf({ data = {}, binaryData = {} }: ConfigMap): number {
  const texts = Object.values(data).reduce((total, text) => total + Buffer.byteLength(text), 0)
  return Object.values(binaryData).reduce((total, bytes) => total + decodedLength(bytes), texts)
}

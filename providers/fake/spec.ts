import { requiredField, type FieldError } from '../../machinery/field-error.ts'
import type { JsonObject } from '../../machinery/object.ts'
import { array, integer, map, object, required, string, type Infer } from '../../machinery/schema/builder.ts'
import type { ProviderSpec } from '../provider.ts'

const keyText = 'The remote key an ExternalSecret asks for.'
const valueText = 'The value it gets: any text, or JSON to take properties from.'
const versionText = 'The version this entry stands for; an entry without one answers references without a version.'

const schema = object('Values written into the store itself, for examples and tests. Never a place for real secrets.', {
  data: required(
    array(
      'What the store holds.',
      object('One value under one key, at one version.', {
        key: required(string(keyText)),
        value: required(string(valueText)),
        version: string(versionText),
      }),
    ),
  ),
  validationResult: integer('What checking the store answers: 0 ready, 1 unknown, 2 an error. For tests.'),
})

const olderSchema = object('Values written into the store itself, for examples and tests.', {
  data: required(
    array(
      'What the store holds.',
      object('One value under one key, at one version.', {
        key: required(string(keyText)),
        value: string(valueText),
        valueMap: map('The value as an object of texts; read as JSON.', string('One member.')),
        version: string(versionText),
      }),
    ),
  ),
  validationResult: integer('What checking the store answers: 0 ready, 1 unknown, 2 an error. For tests.'),
})

export type FakeSpec = Infer<typeof schema>

export const fakeSpec: ProviderSpec<FakeSpec> = {
  name: 'fake',
  schema,
  older: {
    v1beta1: { schema: olderSchema, toCurrent: withValues },
    v1alpha1: { schema: olderSchema, toCurrent: withValues },
  },
  validate: (spec) => spec.data.flatMap(entryErrors),
  maintenance: 'NotMaintained',
  statusCapabilities: 'ReadWrite',
}

function entryErrors(entry: FakeSpec['data'][number], index: number): FieldError[] {
  const empty = (['key', 'value'] as const).filter((member) => entry[member] === '')
  return empty.map((member) => requiredField(`data[${index}].${member}`, 'must not be empty'))
}

/** ESO dropped `valueMap` in 0.16; its meaning is the map as JSON (eso-inventory.md 1.4). */
function withValues(spec: JsonObject): JsonObject {
  if (!Array.isArray(spec.data)) return spec
  return { ...spec, data: spec.data.map((entry: JsonObject) => (entry.valueMap === undefined ? entry : flattened(entry))) }
}

function flattened({ valueMap, ...entry }: JsonObject): JsonObject {
  return { ...entry, value: entry.value ?? JSON.stringify(valueMap) }
}

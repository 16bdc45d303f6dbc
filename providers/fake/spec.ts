import { requiredField, type FieldError } from '../../machinery/field-error.ts'
import type { JsonObject, JsonValue } from '../../machinery/object.ts'
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
    v1beta1: { schema: olderSchema, toCurrent: withValues, fromCurrent: withValueMaps },
    v1alpha1: { schema: olderSchema, toCurrent: withValues, fromCurrent: withValueMaps },
  },
  validate: (spec) => spec.data.flatMap(entryErrors),
  maintenance: 'NotMaintained',
  statusCapabilities: 'ReadWrite',
}

/** An empty value is served, as ESO's controller does where its webhook is off; older versions may leave it out. */
function entryErrors(entry: Partial<FakeSpec['data'][number]>, index: number): FieldError[] {
  return [
    ...(entry.key === '' ? [requiredField(`data[${index}].key`, 'must not be empty')] : []),
    ...(entry.value === undefined ? [requiredField(`data[${index}].value`)] : []),
  ]
}

/** ESO dropped `valueMap` in 0.16; its meaning is the map as JSON (eso-inventory.md 1.4). */
function withValues(spec: JsonObject): JsonObject {
  return withEntries(spec, (entry) =>
    entry['value'] === undefined && isObject(entry['valueMap'])
      ? { ...entry, value: JSON.stringify(sorted(entry['valueMap'])) }
      : entry,
  )
}

function withValueMaps(spec: JsonObject): JsonObject {
  return withEntries(spec, (entry) => {
    const { value, ...others } = entry
    return isObject(entry['valueMap']) && value === JSON.stringify(sorted(entry['valueMap'])) ? others : entry
  })
}

function withEntries(spec: JsonObject, convert: (entry: JsonObject) => JsonObject): JsonObject {
  const entries = spec['data']
  return Array.isArray(entries) ? { ...spec, data: entries.map(convert) } : spec
}

/** Sorted as Go writes a map, so that the value does not hang on the order of the keys. */
function sorted(map: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(map).sort(([left], [right]) => (left < right ? -1 : 1)))
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import type { JsonObject, JsonValue } from '../object.ts'
import type { Schema } from './schema.ts'

export interface OpenapiForm {
  readonly version: 'v2' | 'v3'
  /** Defaults that are not written into objects are named in the description alone: clients must not fill them in. */
  readonly defaults: 'stored' | 'virtual'
}

/** A schema as OpenAPI publishes it; v2 knows neither alternatives nor nullable nor defaults. */
export function toOpenapi(schema: Schema, form: OpenapiForm): JsonObject {
  return form.version === 'v3' ? openapiV3(schema, form) : openapiV2(schema, form)
}

const sharedParts = [
  'type',
  'format',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
] as const satisfies readonly (keyof Schema)[]

function openapiV3(schema: Schema, form: OpenapiForm): JsonObject {
  const recurse = (part: Schema): JsonObject => openapiV3(part, form)
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true && schema.anyOf === undefined
  return {
    ...describedParts(schema, form),
    ...(schema.nullable && { nullable: true }),
    ...(form.defaults === 'stored' && schema.default !== undefined && { default: schema.default }),
    ...structure(schema, recurse),
    ...(isIntOrString && { anyOf: [{ type: 'integer' }, { type: 'string' }] }),
    ...(schema.allOf && { allOf: schema.allOf.map(recurse) }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map(recurse) }),
    ...(schema.oneOf && { oneOf: schema.oneOf.map(recurse) }),
    ...(schema.not && { not: recurse(schema.not) }),
    ...(schema['x-kubernetes-validations'] && {
      'x-kubernetes-validations': schema['x-kubernetes-validations'].map(ruleOf),
    }),
  }
}

/** Old clients refuse members that they do not find: nothing is listed where others may stand. */
function openapiV2(schema: Schema, form: OpenapiForm): JsonObject {
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  const parts = describedParts(schema, form)
  return isOpen ? parts : { ...parts, ...structure(schema, (part) => openapiV2(part, form)) }
}

function structure(schema: Schema, recurse: (part: Schema) => JsonObject): JsonObject {
  return {
    ...(schema.properties && { properties: mapped(schema.properties, recurse) }),
    ...(schema.additionalProperties && { additionalProperties: recurse(schema.additionalProperties) }),
    ...(schema.items && { items: recurse(schema.items) }),
  }
}

function describedParts(schema: Schema, form: OpenapiForm): JsonObject {
  const description = descriptionOf(schema, form)
  const parts: [string, JsonValue][] = []
  for (const name of sharedParts) {
    const part = schema[name]
    if (part !== undefined) parts.push([name, part])
  }
  return { ...(description !== undefined && { description }), ...Object.fromEntries(parts) }
}

function descriptionOf({ description, default: value }: Schema, form: OpenapiForm): string | undefined {
  if (form.defaults === 'stored' || value === undefined) return description
  const sentence = `Defaults to ${typeof value === 'string' ? value : JSON.stringify(value)}.`
  return description ? `${description} ${sentence}` : sentence
}

function ruleOf(rule: NonNullable<Schema['x-kubernetes-validations']>[number]): JsonObject {
  return { ...rule }
}

function mapped(schemas: Readonly<Record<string, Schema>>, recurse: (part: Schema) => JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, part]) => [name, recurse(part)]))
}

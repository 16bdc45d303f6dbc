import type { Schema } from '../../machinery/schema/schema.ts'

/** `schema` with texts of any length and form. */
export function withoutBounds(schema: Schema): Schema {
  const { minLength: _, maxLength: __, pattern: ___, ...rest } = schema
  return {
    ...rest,
    ...(schema.items && { items: withoutBounds(schema.items) }),
    ...(schema.additionalProperties && { additionalProperties: withoutBounds(schema.additionalProperties) }),
    ...(schema.properties && { properties: mapValues(schema.properties, withoutBounds) }),
  }
}

function mapValues(
  properties: Readonly<Record<string, Schema>>,
  map: (schema: Schema) => Schema,
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, map(schema)]))
}

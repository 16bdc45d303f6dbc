import type { Schema } from '../schema/schema.ts'
import { escapedName } from './property-name.ts'
import { dyn, simple } from './type.ts'
import type { CelType, ObjectField } from './type.ts'

/**
 * The type under which expressions know the values of a structural schema; undefined for what they do not know: data
 * without a schema, and what holds it (k8s.io/apiserver/pkg/cel/common/schemas.go).
 */
export function declaredType(schema: Schema, isResource: boolean, name = 'self'): CelType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return dyn
  switch (schema.type) {
    case 'array':
      return listType(schema, name)
    case 'object':
      return schema.additionalProperties === undefined
        ? objectType(withResourceFields(schema, isResource), name)
        : mapType(schema.additionalProperties, name)
    case 'string':
      return simple(stringTypes[schema.format ?? ''] ?? 'string')
    case 'boolean':
      return simple('bool')
    case 'number':
      return simple('double')
    case 'integer':
      return simple('int')
    default:
      return undefined
  }
}

/** The formats whose text has a type of its own. */
const stringTypes: Readonly<Record<string, string>> = {
  byte: 'bytes',
  duration: 'google.protobuf.Duration',
  date: 'google.protobuf.Timestamp',
  'date-time': 'google.protobuf.Timestamp',
}

const text: Schema = { type: 'string' }

/** What is known of every resource: nothing else of its metadata is. */
const resourceFields: Readonly<Record<string, Schema>> = {
  apiVersion: text,
  kind: text,
  metadata: { type: 'object', properties: { name: text, generateName: text } },
}

export function withResourceFields(schema: Schema, isResource: boolean): Schema {
  return isResource ? { ...schema, properties: { ...schema.properties, ...resourceFields } } : schema
}

export function isEmbedded(schema: Schema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true
}

function listType({ items }: Schema, name: string): CelType | undefined {
  const item = items && declaredType(items, isEmbedded(items), `${name}.@idx`)
  return item && { kind: 'list', item }
}

function mapType(values: Schema, name: string): CelType | undefined {
  const value = declaredType(values, isEmbedded(values), `${name}.@elem`)
  return value && { kind: 'map', key: simple('string'), value }
}

function objectType(schema: Schema, name: string): CelType {
  const fields = new Map<string, ObjectField>()
  for (const [property, part] of Object.entries(schema.properties ?? {})) {
    const escaped = escapedName(property)
    const type = declaredType(part, isEmbedded(part), `${name}.${property}`)
    if (escaped !== undefined && type !== undefined) fields.set(escaped, { property, type })
  }
  return { kind: 'object', name, fields }
}

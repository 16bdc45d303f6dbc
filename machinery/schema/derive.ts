import { assert } from '../../base/assert.ts'
import type { Schema } from './schema.ts'

/**
 * What an older version says differently, by path: `spec.data[].remoteRef.key` steps into the items of a list. `null`
 * removes the field; otherwise the named parts of its schema are replaced (`undefined` removes one), or it is added.
 */
export type SchemaEdits = Readonly<Record<string, SchemaEdit | null>>
type SchemaEdit = { readonly [Part in keyof Schema]?: Schema[Part] | undefined }

/** `schema` with edits, so that an older version is written as its difference from the newer one. */
export function deriveSchema(schema: Schema, edits: SchemaEdits): Schema {
  let derived = schema
  for (const [path, edit] of Object.entries(edits)) derived = edited(derived, segmentsOf(path), edit)
  return derived
}

function segmentsOf(path: string): readonly string[] {
  return path === '' ? [] : path.replaceAll('[]', '.[]').split('.')
}

function edited(schema: Schema, path: readonly string[], edit: SchemaEdit | null): Schema {
  const [step, ...rest] = path
  if (step === undefined) return replaced(schema, edit ?? {})
  if (step === '[]') return { ...schema, items: edited(existing(schema.items, step), rest, edit) }
  if (rest.length === 0 && edit === null) return without(schema, step)
  const field = schema.properties?.[step]
  const next = rest.length === 0 ? replaced(field ?? {}, edit ?? {}) : edited(existing(field, step), rest, edit)
  return { ...schema, properties: { ...schema.properties, [step]: next } }
}

function existing(schema: Schema | undefined, step: string): Schema {
  assert(schema !== undefined, `the schema to derive from has no ${step}`)
  return schema
}

function replaced(schema: Schema, edit: SchemaEdit): Schema {
  const parts = Object.entries({ ...schema, ...edit }).filter(([, part]) => part !== undefined)
  return Object.fromEntries(parts)
}

function without(schema: Schema, name: string): Schema {
  existing(schema.properties?.[name], name)
  const properties = Object.entries(schema.properties ?? {}).filter(([field]) => field !== name)
  const required = schema.required?.filter((field) => field !== name) ?? []
  return replaced(schema, {
    properties: Object.fromEntries(properties),
    required: required.length === 0 ? undefined : required,
  })
}

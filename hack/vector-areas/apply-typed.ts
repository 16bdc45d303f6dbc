import { decodeFields, encodeFields } from '../../machinery/apply/fields/fields-v1.ts'
import type { FieldSet } from '../../machinery/apply/fields/field-set.ts'
import { compare } from '../../machinery/apply/typed/compare.ts'
import { extractItems, withKeyFields } from '../../machinery/apply/typed/extract-items.ts'
import { merge } from '../../machinery/apply/typed/merge.ts'
import { reconcile } from '../../machinery/apply/typed/reconcile.ts'
import { removeItems } from '../../machinery/apply/typed/remove-items.ts'
import { toFieldSet } from '../../machinery/apply/typed/to-field-set.ts'
import { type TypeError, typeErrors } from '../../machinery/apply/typed/validate.ts'
import { type ObjectType, typeOf } from '../../machinery/apply/types/object-type.ts'
import { schemaFromOpenApi } from '../../machinery/apply/types/from-openapi.ts'
import type { NamedType, TypeSchema } from '../../machinery/apply/types/type-schema.ts'
import type { JsonObject } from '../../machinery/object.ts'
import type { VectorArea, VectorOutcome } from './area.ts'
import { caseList } from './case-list.ts'
import { errorText, thrownBy } from './error-text.ts'

/** Levels 0b and 1 of server-side apply: schemas, and the operations on typed values. */
export const typedAreas: readonly VectorArea[] = [
  {
    name: 'openapiToSchema',
    cases: (file) =>
      caseList<OpenApiCase>(file, 'openapiToSchema').map((one) => ({ name: one.name, run: () => converted(one) })),
  },
  {
    name: 'typedOps',
    cases: (file) =>
      caseList<TypedCase>(file, 'typedOps').map((one, index) => ({
        name: `${index} ${one.op} ${one.schema}/${one.type}`,
        run: () => operated(one, schemaNamed(file, one.schema)),
      })),
  },
]

/** Of a file's `schemas`. */
export function schemaNamed(file: JsonObject, name: string): TypeSchema {
  return { types: caseList<NamedType>(file, 'schemas', name, 'types') }
}

interface OpenApiCase {
  readonly name: string
  readonly openapi: Readonly<Record<string, object>>
  readonly schema?: TypeSchema
  readonly error?: string
}

function converted(one: OpenApiCase): VectorOutcome {
  if (one.error !== undefined) {
    return { expected: one.error, actual: thrownBy(() => schemaFromOpenApi(one.openapi)) }
  }
  return { expected: sortedTypes(one.schema), actual: sortedTypes(schemaFromOpenApi(one.openapi)) }
}

/** Types and fields in the order of their names. */
function sortedTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedTypes).toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, sortedTypes(member)]))
}

function nameOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : ''
}

interface TypedCase {
  readonly op: string
  readonly schema: string
  readonly type: string
  readonly value: unknown
  readonly rhs?: unknown
  readonly set?: JsonObject
  readonly items?: JsonObject
  readonly appendKeyFields?: boolean
  readonly expect: JsonObject
}

function operated(one: TypedCase, schema: TypeSchema): VectorOutcome {
  const type = typeOf(schema, one.type)
  if (one.op !== 'validate') return { expected: one.expect, actual: operate(type, one) }
  const { error } = one.expect as { error?: readonly TypeError[] }
  return { expected: comparableErrors(error ?? []), actual: comparableErrors(typeErrors(type, one.value, 'refused')) }
}

/** Go walks maps in random order and stops at the first undeclared field of each. */
function comparableErrors(errors: readonly TypeError[]): unknown {
  const texts = errors.map(({ path, message }) => errorText(`${path}: ${message}`))
  const undeclared = texts.some((text) => text.endsWith('field not declared in schema'))
  return undeclared ? 'undeclared fields' : texts.toSorted()
}

function operate(type: ObjectType, one: TypedCase): unknown {
  switch (one.op) {
    case 'merge':
      return { out: merge(type, one.value, one.rhs) ?? null }
    case 'toFieldSet':
      return { set: encodeFields(toFieldSet(type, one.value)) }
    case 'compare':
      return compared(type, one)
    case 'removeItems':
      return { out: removeItems(type, one.value, decodeFields(one.items)) ?? null }
    case 'extractItems':
      return { out: extractItems(type, one.value, extracted(type, one)) ?? null }
    case 'reconcile':
      return reconciled(type, one)
    default:
      throw new Error(`no operation ${one.op}`)
  }
}

function compared(type: ObjectType, one: TypedCase): unknown {
  const { added, modified, removed } = compare(type, one.value, one.rhs)
  return { added: encodeFields(added), modified: encodeFields(modified), removed: encodeFields(removed) }
}

function extracted(type: ObjectType, one: TypedCase): FieldSet {
  const set = decodeFields(one.items)
  return one.appendKeyFields === true ? withKeyFields(type, one.value, set) : set
}

function reconciled(type: ObjectType, one: TypedCase): unknown {
  const set = decodeFields(one.set)
  const result = reconcile(type, set)
  return { out: result === set ? null : encodeFields(result) }
}

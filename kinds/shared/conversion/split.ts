import { setMember } from '../../../machinery/json/member.ts'
import type { JsonObject, JsonValue } from '../../../machinery/object.ts'
import type { Schema } from '../../../machinery/schema/schema.ts'
import { isJsonArray, isJsonObject } from './json-edit.ts'
import { type Leftover, looksOf, type Step } from './leftover.ts'

export interface Split {
  /** What the schema can say; undefined when it cannot say anything of it. */
  readonly shown: JsonValue | undefined
  readonly leftovers: readonly Leftover[]
}

/** strict: a value outside an enum cannot be said. structure: only what has no place in the schema cannot. */
type Strictness = 'strict' | 'structure'

/** Takes `value` apart into what `schema` can say and what must be kept elsewhere; `join` puts it together again. */
export function split(schema: Schema, value: JsonValue, strictness: Strictness): Split {
  if (schema['x-kubernetes-preserve-unknown-fields'] || value === null) return { shown: value, leftovers: [] }
  if (strictness === 'strict' && schema.enum !== undefined && !schema.enum.includes(value)) return unsayable
  if (!hasType(schema, value)) return unsayable
  if (isJsonArray(value)) return splitList(schema.items ?? {}, value, strictness)
  if (isJsonObject(value)) return splitObject(schema, value, strictness)
  return { shown: value, leftovers: [] }
}

const unsayable: Split = { shown: undefined, leftovers: [] }

function hasType(schema: Schema, value: JsonValue): boolean {
  if (schema['x-kubernetes-int-or-string']) return typeof value === 'number' || typeof value === 'string'
  if (schema.type === undefined) return true
  if (schema.type === 'array') return isJsonArray(value)
  if (schema.type === 'object') return isJsonObject(value)
  if (schema.type === 'integer') return Number.isInteger(value)
  return typeof value === schema.type
}

function splitObject(schema: Schema, value: JsonObject, strictness: Strictness): Split {
  const shown: Record<string, JsonValue> = {}
  const leftovers: Leftover[] = []
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    const field = ownField(schema, name)
    const part = field === undefined ? unsayable : split(field, member, strictness)
    if (part.shown === undefined) leftovers.push({ at: [name], value: member })
    else setMember(shown, name, part.shown)
    leftovers.push(...part.leftovers.map((leftover) => below(name, leftover)))
  }
  return strictness === 'strict' ? filled(schema, { shown, leftovers }) : { shown, leftovers }
}

function ownField(schema: Schema, name: string): Schema | undefined {
  const properties = schema.properties ?? {}
  return Object.hasOwn(properties, name) ? properties[name] : schema.additionalProperties
}

/** What a version insists on is shown empty, so that what was read can be written back. */
function filled(schema: Schema, part: { shown: JsonObject; leftovers: readonly Leftover[] }): Split {
  let { shown, leftovers } = part
  for (const name of schema.required ?? []) {
    if (shown[name] !== undefined) continue
    const empty = emptyOf(schema.properties?.[name] ?? {})
    const missing = leftovers.find((leftover) => leftover.at.length === 1 && leftover.at[0] === name)
    leftovers = [...leftovers.filter((leftover) => leftover !== missing), { at: [name], ...missing, shown: empty }]
    shown = { ...shown, [name]: empty }
  }
  return { shown, leftovers }
}

function emptyOf(schema: Schema): JsonValue {
  if (schema.default !== undefined) return schema.default
  if (schema.type === 'array') return []
  if (schema.type === 'integer' || schema.type === 'number') return 0
  if (schema.type === 'boolean') return false
  if (schema.type !== 'object') return schema.enum?.[0] ?? ''
  const members = (schema.required ?? []).map((name) => [name, emptyOf(schema.properties?.[name] ?? {})] as const)
  return Object.fromEntries(members)
}

function splitList(items: Schema, list: readonly JsonValue[], strictness: Strictness): Split {
  const shown: JsonValue[] = []
  const leftovers: Leftover[] = []
  const hiddenItems: Leftover[] = []
  for (const [index, item] of list.entries()) {
    const part = split(items, item, strictness)
    if (part.shown === undefined || (strictness === 'strict' && isMutilated(items, item, part.shown))) {
      hiddenItems.push({ at: [], index, item })
      continue
    }
    const step: Step = [shown.length, looksOf(part.shown)]
    leftovers.push(...part.leftovers.map((leftover) => below(step, leftover)))
    shown.push(part.shown)
  }
  return { shown, leftovers: [...leftovers, ...hiddenItems] }
}

/** An item that is shown half empty would be taken for something else: it is better not shown. */
function isMutilated(items: Schema, item: JsonValue, shown: JsonValue): boolean {
  if (!isJsonObject(item) || !isJsonObject(shown)) return false
  const { required = [], minProperties = 0, maxProperties = Infinity } = items
  const count = Object.keys(shown).length
  return count < minProperties || count > maxProperties || required.some((name) => item[name] === undefined)
}

function below(step: Step, leftover: Leftover): Leftover {
  return { ...leftover, at: [step, ...leftover.at] }
}

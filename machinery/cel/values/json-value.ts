import { jsonEqual } from '../../json/equal.ts'
import { isJsonObject } from '../../json/member.ts'
import type { Schema } from '../../schema/schema.ts'
import { isEmbedded, withResourceFields } from '../declaration.ts'
import { CelEvaluationError } from '../errors.ts'
import { escapedName } from '../property-name.ts'
import { parseDuration } from './duration.ts'
import { parseTimestamp } from './timestamp.ts'
import { List, Mapping } from './value.ts'
import type { Opaque, Value } from './value.ts'

/** Makes a value of JSON: a view of it, whose parts are made when they are asked for. */
export type Reader = (json: unknown) => Value

/** How the JSON of a schema is read (k8s.io/apiserver/pkg/cel/common/valuesunstructured.go). */
export function readerOf(schema: Schema, isResource: boolean): Reader {
  const read = readerByType(schema, isResource)
  const isNullable = schema.nullable === true
  return (json) => {
    if (json !== null) return read(json)
    if (isNullable) return null
    throw new CelEvaluationError('invalid data, got null for schema with nullable=false')
  }
}

function readerByType(schema: Schema, isResource: boolean): Reader {
  if (schema['x-kubernetes-int-or-string'] === true) return readIntOrString
  switch (schema.type) {
    case 'object':
      return objectReader(schema, isResource)
    case 'array':
      return schema.items === undefined ? (json) => new Preserved(json) : arrayReader(schema, schema.items)
    case 'string':
      return stringReaders[schema.format ?? ''] ?? readString
    case 'number':
      return (json) => (typeof json === 'number' ? json : mismatch('float'))
    case 'integer':
      return (json) => (typeof json === 'number' && Number.isInteger(json) ? BigInt(json) : mismatch('int'))
    case 'boolean':
      return (json) => (typeof json === 'boolean' ? json : mismatch('bool'))
    default:
      return (json) => new Preserved(json)
  }
}

function mismatch(wanted: string): never {
  throw new CelEvaluationError(`invalid data, expected ${wanted}`)
}

function readString(json: unknown): string {
  return typeof json === 'string' ? json : mismatch('string')
}

function readIntOrString(json: unknown): Value {
  if (typeof json === 'string') return json
  return typeof json === 'number' && Number.isInteger(json) ? BigInt(json) : mismatch('an integer or a string')
}

const stringReaders: Readonly<Record<string, Reader>> = {
  byte: (json) => new Uint8Array(Buffer.from(readString(json), 'base64')),
  duration: (json) => parseDuration(readString(json)) ?? mismatch('duration'),
  date: (json) => parseTimestamp(`${readString(json)}T00:00:00Z`) ?? mismatch('date'),
  'date-time': (json) => parseTimestamp(readString(json)) ?? mismatch('date-time'),
}

/** What x-kubernetes-preserve-unknown-fields keeps: it can be compared, and nothing else. */
class Preserved implements Opaque {
  readonly typeName = 'kubernetes.preserved'
  readonly json: unknown

  constructor(json: unknown) {
    this.json = json
  }

  equals(other: Opaque): boolean {
    return other instanceof Preserved && jsonEqual(this.json, other.json)
  }
}

function arrayReader(schema: Schema, items: Schema): Reader {
  const read = readerOf(items, isEmbedded(items))
  const identity = identityOf(schema)
  return (json) => {
    if (!Array.isArray(json)) return mismatch('an array')
    return new List(json.length, (index) => read(json[index]), identity)
  }
}

/** Items of a set are scalars, and so are the keys of a list that is a map. */
function identityOf(schema: Schema): ((item: Value) => string) | undefined {
  const kind = schema['x-kubernetes-list-type']
  if (kind === 'set') return scalarText
  if (kind !== 'map') return undefined
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => escapedName(key) ?? key)
  return (item) => {
    if (!(item instanceof Mapping)) return scalarText(item)
    return JSON.stringify(keys.map((key) => scalarText(item.find(key) ?? null)))
  }
}

function scalarText(value: Value): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : `${typeof value} ${String(value)}`
}

type Members = Readonly<Record<string, unknown>>

/** Readers of the parts are made when an object is read: every schema above a rule has a reader, and few are asked. */
function objectReader(schema: Schema, isResource: boolean): Reader {
  if (schema.additionalProperties !== undefined) return mapReader(schema.additionalProperties)
  const preserved: Reader = (json) => new Preserved(json)
  let known: Fields | undefined
  return (json) => {
    if (!isJsonObject(json)) return mismatch('an object')
    known ??= fieldsIn(schema, isResource)
    const { names, fields } = known
    const find = (key: Value): Value | undefined => {
      const field = typeof key === 'string' ? fields.get(key) : undefined
      if (field !== undefined) return readField(json, field.property, field.read)
      return typeof key === 'string' ? readField(json, key, preserved) : undefined
    }
    return new Mapping(() => fieldsOf(json).map((property) => names.get(property) ?? property), find)
  }
}

interface Fields {
  /** By property. */
  readonly names: ReadonlyMap<string, string>
  /** By name. */
  readonly fields: ReadonlyMap<string, { readonly property: string; readonly read: Reader }>
}

function fieldsIn(schema: Schema, isResource: boolean): Fields {
  const fields = new Map<string, { readonly property: string; readonly read: Reader }>()
  const names = new Map<string, string>()
  for (const [property, part] of Object.entries(withResourceFields(schema, isResource).properties ?? {})) {
    const name = escapedName(property) ?? property
    names.set(property, name)
    fields.set(name, { property, read: readerOf(part, isEmbedded(part)) })
  }
  return { names, fields }
}

/** A field that is null counts as one that is not there. */
function readField(json: Members, property: string, reader: Reader): Value | undefined {
  return json[property] === null ? undefined : read(json, property, reader)
}

function fieldsOf(json: Members): string[] {
  return membersOf(json).filter((name) => json[name] !== null)
}

function mapReader(values: Schema): Reader {
  const readOne = readerOf(values, isEmbedded(values))
  return (json) => {
    if (!isJsonObject(json)) return mismatch('an object')
    return new Mapping(
      () => membersOf(json),
      (key) => (typeof key === 'string' ? read(json, key, readOne) : undefined),
    )
  }
}

function membersOf(json: Members): string[] {
  return Object.keys(json).filter((name) => json[name] !== undefined)
}

function read(json: Members, property: string, reader: Reader): Value | undefined {
  const value = Object.hasOwn(json, property) ? json[property] : undefined
  return value === undefined ? undefined : reader(value)
}

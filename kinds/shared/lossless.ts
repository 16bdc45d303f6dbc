import type { VersionConversion } from '../../apiserver/registry/kind.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../machinery/object.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import { validateSchema } from '../../machinery/schema/validate.ts'
import { join } from './join.ts'
import { isJsonObject, memberOf } from './json-edit.ts'
import { leftoverJson, parseLeftovers } from './leftover.ts'
import { type Split, split } from './split.ts'

/** An older version as its schema and two total functions that move and rename, and that undo each other. */
export interface OlderVersion {
  readonly schema: Schema
  readonly storageSchema: Schema
  readonly toStorage?: (content: JsonObject) => JsonObject
  readonly fromStorage?: (content: JsonObject) => JsonObject
  /** Defaults that mean something else than the field's absence in the storage version. */
  readonly ownDefaults?: readonly OwnDefault[]
}

export interface OwnDefault {
  readonly at: readonly string[]
  readonly value: JsonValue
}

/**
 * A conversion that cannot lose anything, whatever the two functions do: what the other version's schema has no place for
 * is split off, and joined again on the way back (architecture.md section 5, `hidden` and `foreign`).
 */
export function losslessConversion(older: OlderVersion): VersionConversion {
  return {
    toStorage: (object, foreign) => toStorage(older, object, foreign),
    fromStorage: (object, hidden) => fromStorage(older, object, hidden),
  }
}

function toStorage(older: OlderVersion, object: KubeObject, foreign: JsonObject | undefined) {
  const content = contentOf(object, older.schema)
  const plain = stored(older, content)
  const { shown, leftovers } = foreign === undefined ? plain : restored(older, content, { foreign, plain })
  const defaults = ownDefaultsIn(older, shown ?? {})
  const filled = defaults.map(({ at, shown: value }) => ({ at, value }))
  const { apiVersion, kind, metadata } = object
  const converted = { apiVersion, kind, metadata, ...asObject(join(shown ?? {}, filled)) }
  const hidden = [...leftovers, ...defaults]
  return { object: converted, ...(hidden.length > 0 && { hidden: { leftovers: leftoverJson(hidden) } }) }
}

/**
 * The annotation comes from the client, who may have written anything into it: it counts only where it makes the object no
 * worse than the object is without it.
 */
function restored(older: OlderVersion, content: JsonObject, from: { foreign: JsonObject; plain: Split }): Split {
  const joined = stored(older, asObject(join(content, parseLeftovers(from.foreign['leftovers']))))
  const flaws = (parts: Split) => parts.leftovers.length + validateSchema(older.storageSchema, parts.shown, '').length
  return flaws(joined) > flaws(from.plain) ? from.plain : joined
}

function stored(older: OlderVersion, content: JsonObject): Split {
  return split(older.storageSchema, older.toStorage?.(content) ?? content, 'structure')
}

function fromStorage(older: OlderVersion, object: KubeObject, hidden: JsonObject | undefined) {
  const content = contentOf(object, older.storageSchema)
  const whole = asObject(join(content, parseLeftovers(hidden?.['leftovers'])))
  const { shown, leftovers } = split(older.schema, older.fromStorage?.(whole) ?? whole, 'strict')
  const { apiVersion, kind, metadata } = object
  const converted = { apiVersion, kind, metadata, ...asObject(shown ?? {}) }
  return { object: converted, ...(leftovers.length > 0 && { foreign: { leftovers: leftoverJson(leftovers) } }) }
}

/** What takes each default out again: nothing stands where the default is shown. */
function ownDefaultsIn(
  older: OlderVersion,
  content: JsonValue,
): readonly { at: readonly string[]; shown: JsonValue }[] {
  return (older.ownDefaults ?? []).flatMap(({ at, value }) => {
    const parent = at.slice(0, -1).reduce<JsonValue | undefined>(memberAt, content)
    return isJsonObject(parent) && parent[at.at(-1) ?? ''] === undefined ? [{ at, shown: value }] : []
  })
}

function memberAt(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? memberOf(value, name) : undefined
}

/** The members that the schema speaks of: spec and status. */
function contentOf(object: KubeObject, schema: Schema): JsonObject {
  const members = Object.keys(schema.properties ?? {}).map((name) => [name, object[name] as JsonValue | undefined])
  return Object.fromEntries(members.filter(([, value]) => value !== undefined))
}

function asObject(value: JsonValue): JsonObject {
  return isJsonObject(value) ? value : {}
}

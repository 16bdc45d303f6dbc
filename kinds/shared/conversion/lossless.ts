import type { VersionConversion } from '../../../apiserver/registry/kind.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../machinery/object.ts'
import type { Schema } from '../../../machinery/schema/schema.ts'
import { validateSchema } from '../../../machinery/schema/validate.ts'
import { join } from './join.ts'
import { isJsonObject, memberOf } from './json-edit.ts'
import { type Leftover, leftoverJson, parseLeftovers } from './leftover.ts'
import { type Split, split } from './split.ts'

/** An older version as its schema and two total functions that move and rename, and that undo each other. */
interface OlderVersion {
  readonly schema: Schema
  readonly storageSchema: Schema
  readonly toStorage?: (content: JsonObject) => JsonObject
  readonly fromStorage?: (content: JsonObject) => JsonObject
  /** Where absence means something else than in the storage version; said outright in the other version. */
  readonly ownDefaults?: readonly OwnDefault[]
}

interface OwnDefault {
  readonly at: readonly string[]
  readonly here: JsonValue
  readonly inStorage: JsonValue
}

/**
 * A conversion that cannot lose anything: what the other version's schema has no place for is split off, and joined
 * again on the way back (architecture.md section 5, `hidden` and `foreign`).
 */
export function losslessConversion(older: OlderVersion): VersionConversion {
  return {
    toStorage: (object, foreign) => toStorage(older, object, foreign),
    fromStorage: (object, hidden) => fromStorage(older, object, hidden),
  }
}

function toStorage(older: OlderVersion, object: KubeObject, foreign: JsonObject | undefined) {
  const defaults = (older.ownDefaults ?? []).map(({ at, here }) => ({ at, value: here }))
  const { content, filled } = withOwnDefaults(contentOf(object, older.schema), defaults)
  const plain = stored(older, content)
  const { shown, leftovers } = foreign === undefined ? plain : restored(older, content, { foreign, plain })
  const hidden = [...leftovers, ...filled]
  return { ...converted(object, shown), ...(hidden.length > 0 && { hidden: { leftovers: leftoverJson(hidden) } }) }
}

/**
 * The annotation comes from the client, who may have written anything into it: it counts only where it makes the
 * object no worse than the object is without it.
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
  const defaults = (older.ownDefaults ?? []).map(({ at, inStorage }) => ({ at, value: inStorage }))
  const { content, filled } = withOwnDefaults(contentOf(object, older.storageSchema), defaults)
  const whole = asObject(join(content, parseLeftovers(hidden?.['leftovers'])))
  const { shown, leftovers } = split(older.schema, older.fromStorage?.(whole) ?? whole, 'strict')
  const foreign = [...leftovers, ...filled]
  return { ...converted(object, shown), ...(foreign.length > 0 && { foreign: { leftovers: leftoverJson(foreign) } }) }
}

function converted(object: KubeObject, content: JsonValue | undefined): { object: KubeObject } {
  const { apiVersion, kind, metadata } = object
  return { object: { apiVersion, kind, metadata, ...asObject(content) } }
}

interface Default {
  readonly at: readonly string[]
  readonly value: JsonValue
}

/** `filled` takes the defaults out again. */
function withOwnDefaults(
  content: JsonObject,
  defaults: readonly Default[],
): { content: JsonObject; filled: Leftover[] } {
  const absent = defaults.filter(({ at }) => {
    const parent = at.slice(0, -1).reduce<JsonValue | undefined>(memberAt, content)
    return isJsonObject(parent) && memberAt(parent, at.at(-1) ?? '') === undefined
  })
  return {
    content: asObject(join(content, absent)),
    filled: absent.map(({ at, value }) => ({ at, shown: value })),
  }
}

function memberAt(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? memberOf(value, name) : undefined
}

/** The members that the schema speaks of: spec and status. */
function contentOf(object: KubeObject, schema: Schema): JsonObject {
  const members = Object.keys(schema.properties ?? {}).map(
    (name) => [name, object[name] as JsonValue | undefined] as const,
  )
  return Object.fromEntries(members.filter(([, value]) => value !== undefined))
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

import type { JsonObject, JsonValue } from '../../../machinery/object.ts'

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isJsonArray(value)
}

export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** A member that the object has itself: a name such as `constructor` in a path finds nothing. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** `object` with one member replaced, or left out when `value` is undefined. */
export function withMember(object: JsonObject, name: string, value: JsonValue | undefined): JsonObject {
  if (value !== undefined) return { ...object, [name]: value }
  return Object.fromEntries(Object.entries(object).filter(([member]) => member !== name))
}

/** `object` with what `edit` makes of the value at `path`; as it is when there is nothing at the path. */
export function editedAt(
  object: JsonObject,
  path: readonly string[],
  edit: (value: JsonValue) => JsonValue,
): JsonObject {
  const [name, ...rest] = path
  if (name === undefined) return object
  const value = memberOf(object, name)
  if (value === undefined) return object
  if (rest.length === 0) return { ...object, [name]: edit(value) }
  return isJsonObject(value) ? { ...object, [name]: editedAt(value, rest, edit) } : object
}

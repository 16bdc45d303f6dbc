import { isJsonObject, withMembers } from '../../machinery/json/member.ts'
import type { PathStep } from '../../machinery/json/value-path.ts'
import type { JsonObject, JsonValue } from '../../machinery/object.ts'
import { SyncError } from '../errors.ts'

/** One change to an object. `merge` adds the members of a map to the map that is there, and sets what is none. */
export interface Edit {
  readonly op: 'set' | 'merge'
  readonly path: readonly PathStep[]
  readonly value: JsonValue
}

/** The object after the edits: what lies on the way is made, the original stays as it is. Throws SyncError. */
export function edited(object: JsonObject, edits: readonly Edit[]): JsonObject {
  return edits.reduce((known, edit) => asMap(changed(known, edit.path, edit)), object)
}

function changed(at: JsonValue | undefined, [step, ...rest]: readonly PathStep[], edit: Edit): JsonValue {
  if (step === undefined) return edit.op === 'merge' ? merged(at, edit.value) : edit.value
  if (typeof step === 'string') {
    if (at !== undefined && at !== null && !isJsonObject(at)) {
      throw clash(`expected map at key ${JSON.stringify(step)}`, at)
    }
    const map = asMap(at)
    return withMembers<JsonObject>(map, { [step]: changed(ownMember(map, step), rest, edit) })
  }
  if (at !== undefined && at !== null && !isList(at)) throw clash(`expected array at index ${step}`, at)
  const list = isList(at) ? at : []
  const grown = Array.from({ length: Math.max(list.length, step + 1) }, (_, index) => list[index] ?? null)
  return grown.with(step, changed(list[step], rest, edit))
}

function merged(known: JsonValue | undefined, value: JsonValue): JsonValue {
  if (!isJsonObject(known) || !isJsonObject(value)) return value
  return withMembers<JsonObject>(known, value)
}

function asMap(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function ownMember(map: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Says what kind of thing is there, not what it is. */
function clash(expected: string, found: JsonValue): SyncError {
  return new SyncError('invalid-value', `${expected} but found ${isList(found) ? 'a list' : sortOf(found)}`)
}

function sortOf(found: JsonValue): string {
  return isJsonObject(found) ? 'a map' : `a ${typeof found}`
}

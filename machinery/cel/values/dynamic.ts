import { isJsonObject } from '../../json/member.ts'
import type { JsonObject, JsonValue } from '../../object.ts'
import { CelEvaluationError } from '../errors.ts'
import { Duration, durationText } from './duration.ts'
import { Message } from './message.ts'
import { Timestamp, timestampText } from './timestamp.ts'
import { Uint } from './uint.ts'
import { List, Mapping, Optional } from './value.ts'
import type { Value } from './value.ts'

/** JSON of an unknown schema, as a view: objects are maps whose keys are as they stand there, null is a value. */
export function dynamicValue(json: unknown): Value {
  if (typeof json === 'string' || typeof json === 'boolean') return json
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json
  if (Array.isArray(json)) return new List(json.length, (index) => dynamicValue(json[index]))
  if (!isJsonObject(json)) return null
  return new Mapping(
    () => Object.keys(json).filter((name) => json[name] !== undefined),
    (key) => {
      const value = typeof key === 'string' && Object.hasOwn(json, key) ? json[key] : undefined
      return value === undefined ? undefined : dynamicValue(value)
    },
  )
}

/** The JSON that a value stands for; fails for what JSON cannot say. */
export function jsonOf(value: Value): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number')
    return value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Uint) return Number(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof List) return [...value].map(jsonOf)
  if (value instanceof Message) return objectOf([...value.members])
  if (value instanceof Mapping) return objectOf(value.keys().map((key) => [textKey(key), value.find(key) ?? null]))
  if (value instanceof Optional && value.value !== undefined) return jsonOf(value.value)
  if (value instanceof Timestamp) return timestampText(value)
  if (value instanceof Duration) return durationText(value)
  throw new CelEvaluationError('unsupported conversion to JSON')
}

function textKey(key: Value): string {
  if (typeof key === 'string') return key
  throw new CelEvaluationError('a key is not a string')
}

function objectOf(entries: readonly (readonly [string, Value])[]): JsonObject {
  return Object.fromEntries(entries.map(([name, value]) => [name, jsonOf(value)]))
}

import { asBuffer } from '../../base/as-buffer.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { JsonSyntaxError, scanJson } from './scanner.ts'

export interface DecodedJson {
  readonly value: JsonValue
  /** Paths of members given more than once, `spec.foo`; the last one won. */
  readonly duplicates: readonly string[]
}

/** A body that is not JSON as the API takes it. The message is ours: nothing of the input is in it. */
export class JsonDecodeError extends Error {
  override readonly name = 'JsonDecodeError'
}

export function decodeJson(bytes: Uint8Array): DecodedJson {
  return decodeJsonText(asBuffer(bytes).toString())
}

export function decodeJsonText(text: string): DecodedJson {
  try {
    const { memberCount } = scanJson(text, { findDuplicates: false })
    const value = JSON.parse(text) as JsonValue
    const isUnique = memberCountOf(value) === memberCount
    return { value, duplicates: isUnique ? [] : scanJson(text, { findDuplicates: true }).duplicates }
  } catch (error) {
    // What the scanner lets pass and JSON.parse does not: control characters and bad escapes.
    const why = error instanceof JsonSyntaxError ? error.message : 'a malformed string'
    throw new JsonDecodeError(`invalid JSON: ${why}`)
  }
}

function memberCountOf(value: JsonValue | undefined): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) count += memberCountOf(item)
    return count
  }
  const members = value as JsonObject
  for (const name in members) count += 1 + memberCountOf(members[name])
  return count
}

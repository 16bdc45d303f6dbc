import type { JsonValue } from '../object.ts'

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
  return { value: JSON.parse(Buffer.from(bytes).toString()), duplicates: [] }
}

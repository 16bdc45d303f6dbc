import assert from 'node:assert/strict'
import type { Json } from '../support/api-client.ts'

/** Of an object or a list, as a number of any length. */
export function versionOf(object: Json | undefined): bigint {
  const text = object?.['metadata']?.['resourceVersion']
  assert.match(String(text), /^[1-9][0-9]*$/, 'a resourceVersion')
  return BigInt(String(text))
}

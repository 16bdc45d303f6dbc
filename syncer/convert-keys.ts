import { byBytes } from '../base/byte-order.ts'
import { convertKey, foreignCharacter } from '../providers/convert-keys.ts'
import { SyncError } from './errors.ts'

type Values = ReadonlyMap<string, Uint8Array>

/** Keys that a Secret can hold, by conversionStrategy (eso-behaviour.md 3.3). Throws SyncError when two become one. */
export function convertKeys(values: Values, strategy: string | undefined): Values {
  const converted = new Map<string, Uint8Array>()
  for (const [key, value] of values) {
    const name = convertKey(key, strategy)
    if (converted.has(name)) throw new SyncError('invalid-value', `secret name collision during conversion: ${name}`)
    converted.set(name, value)
  }
  return converted
}

const keyBytesMax = 253

/** Keys that a Secret can hold; an empty one is left out (eso-behaviour.md 3.8). Throws SyncError on a worse one. */
export function validKeys(values: Values): Values {
  for (const key of [...values.keys()].sort(byBytes)) checkKey(key)
  return values.has('') ? new Map([...values].filter(([key]) => key !== '')) : values
}

function checkKey(key: string): void {
  const bytes = Buffer.from(key)
  if (bytes.length > keyBytesMax) {
    const start = bytes.subarray(0, keyBytesMax).toString()
    const text = `key has length ${bytes.length} but max is ${keyBytesMax}: (following is truncated): ${start}`
    throw new SyncError('invalid-value', text)
  }
  const [invalid] = key.match(foreignCharacter) ?? []
  if (invalid === undefined) return
  const allowed = "only alphanumeric, '-', '.' and '_' are allowed"
  throw new SyncError('invalid-value', `key has invalid character ${invalid}, ${allowed}: ${key}`)
}

import { byBytes } from '../base/byte-order.ts'
import { SyncError } from './errors.ts'

/** A value as its decodingStrategy has it (eso-behaviour.md 3.5). Throws SyncError. */
export function decodeValue(value: Uint8Array, strategy: string | undefined): Uint8Array {
  switch (strategy) {
    case undefined:
    case 'None':
      return value
    case 'Base64':
      return decoded(value, 'base64')
    case 'Base64URL':
      return decoded(value, 'base64url')
    case 'Auto':
      return decodedIfAny(value)
    default:
      throw new SyncError('invalid-value', `decoding strategy ${strategy} is not supported`)
  }
}

export function decodeValues(
  values: ReadonlyMap<string, Uint8Array>,
  strategy: string | undefined,
): ReadonlyMap<string, Uint8Array> {
  if (strategy === undefined || strategy === 'None') return values
  const keys = [...values.keys()].sort(byBytes)
  return new Map(keys.map((key) => [key, decodeMember(key, values.get(key) ?? new Uint8Array(), strategy)]))
}

function decodeMember(key: string, value: Uint8Array, strategy: string): Uint8Array {
  try {
    return decodeValue(value, strategy)
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    throw new SyncError(error.code, `failure decoding key ${key}: ${error.message}`)
  }
}

/** Plain text that happens to be valid base64 is decoded, too: that is what Auto has always meant. */
function decodedIfAny(value: Uint8Array): Uint8Array {
  const text = latin1(value)
  const alphabet = (['base64', 'base64url'] as const).find((each) => corruptionOf(text, each) === undefined)
  return alphabet === undefined ? value : Buffer.from(text, alphabet)
}

type Alphabet = 'base64' | 'base64url'

function decoded(value: Uint8Array, alphabet: Alphabet): Uint8Array {
  const text = latin1(value)
  const offset = corruptionOf(text, alphabet)
  if (offset !== undefined) throw new SyncError('invalid-value', `illegal base64 data at input byte ${offset}`)
  return Buffer.from(text, alphabet)
}

function latin1(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
}

const foreign: Readonly<Record<Alphabet, RegExp>> = { base64: /[^A-Za-z0-9+/\r\n]/, base64url: /[^-A-Za-z0-9_\r\n]/ }

/**
 * Where Go's decoder gives up: the text must be whole quanta of four, the last one padded, and nothing may follow the
 * padding. Line breaks count nowhere, bits left over are not looked at.
 */
function corruptionOf(text: string, alphabet: Alphabet): number | undefined {
  const end = text.search(foreign[alphabet])
  const digitCount = text.slice(0, end < 0 ? text.length : end).replace(/[\r\n]/g, '').length
  const open = digitCount % 4
  if (end < 0) return open === 0 ? undefined : text.length - open
  if (text[end] !== '=' || open < 2) return end
  return paddingCorruption(text, end, open)
}

function paddingCorruption(text: string, first: number, open: number): number | undefined {
  let at = afterBreaks(text, first + 1)
  if (open === 2) {
    if (at === text.length) return at
    if (text[at] !== '=') return at - 1
    at = afterBreaks(text, at + 1)
  }
  return at === text.length ? undefined : at
}

function afterBreaks(text: string, from: number): number {
  let at = from
  while (text[at] === '\r' || text[at] === '\n') at += 1
  return at
}

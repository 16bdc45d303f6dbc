import { isUtf8 } from 'node:buffer'
import { numberOf } from './found.ts'
import { depthOf, documentOf, elements, members, unquoted, type Found } from './json-scan.ts'

/**
 * JSON as Go's encoding/json writes it, byte for byte: values are compared and hashed by people's tools, so `<` must be
 * written where ESO writes it, and `\u003c` where ESO writes that.
 */

export type Escaping = 'html' | 'plain'

export interface JsonStyle {
  readonly escaping: Escaping
  /** literal: numbers as they stand. float: as a float64 that was read and written again. */
  readonly numbers: 'literal' | 'float'
}

/** Whether it is JSON that may be walked: values nested without end would exhaust the stack. */
export function isJson(text: string): boolean {
  if (depthOf(text) > depthMax) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const depthMax = 500

/** JSON text written anew: keys sorted bytewise, of a key given twice the last, no blanks. The text must be JSON. */
export function encodeAgain(json: string, style: JsonStyle): string {
  const found = documentOf(json)
  return found === undefined ? 'null' : encodeFound(found, style)
}

export function encodeFound(found: Found, style: JsonStyle): string {
  if (found.kind === 'string') return quoted(unquoted(found.raw), style.escaping)
  if (found.kind === 'number') return style.numbers === 'literal' ? found.raw : floatText(numberOf(found.raw))
  if (found.kind !== 'json') return found.raw
  if (found.raw.startsWith('['))
    return `[${[...elements(found.raw)].map((inner) => encodeFound(inner, style)).join(',')}]`
  return encodeMembers(new Map([...members(found.raw)].map(({ key, value }) => [key, value])), style)
}

/** An object of these members, keys sorted bytewise. */
export function encodeMembers(entries: ReadonlyMap<string, Found>, style: JsonStyle): string {
  return encodeEntries(entries, style.escaping, (inner) => encodeFound(inner, style))
}

/** An object of texts. Bytes that are not UTF-8 become U+FFFD, as they do in a Go string. */
export function encodeTexts(entries: ReadonlyMap<string, string | Uint8Array>, escaping: Escaping): string {
  return encodeEntries(entries, escaping, (value) =>
    typeof value === 'string' ? quoted(value, escaping) : quotedBytes(value, escaping),
  )
}

function encodeEntries<T>(entries: ReadonlyMap<string, T>, escaping: Escaping, encode: (value: T) => string): string {
  const sorted = [...entries].sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
  return `{${sorted.map(([key, value]) => `${quoted(key, escaping)}:${encode(value)}`).join(',')}}`
}

export function quoted(text: string, escaping: Escaping = 'plain'): string {
  const pattern = escaping === 'html' ? escapedInHtml : escaped
  return `"${text.replace(/\p{Surrogate}/gu, '\ufffd').replace(pattern, escapeOf)}"`
}

const escaped = /["\\\u0000-\u001f\u2028\u2029]/g
const escapedInHtml = /["\\\u0000-\u001f\u2028\u2029<>&]/g

function escapeOf(character: string): string {
  return shortEscapes.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** Each byte that belongs to no character is written as an escaped U+FFFD. */
function quotedBytes(bytes: Uint8Array, escaping: Escaping): string {
  const buffer = Buffer.from(bytes)
  if (isUtf8(buffer)) return quoted(buffer.toString(), escaping)
  let text = ''
  for (let at = 0; at < buffer.length; ) {
    const size = [1, 2, 3, 4].find((length) => at + length <= buffer.length && isUtf8(buffer.subarray(at, at + length)))
    text += size === undefined ? '\\ufffd' : quoted(buffer.toString('utf8', at, at + size), escaping).slice(1, -1)
    at += size ?? 1
  }
  return `"${text}"`
}

/** As JSON.stringify writes numbers, but for negative zero: both change to an exponent below 1e-6 and from 1e21 on. */
function floatText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

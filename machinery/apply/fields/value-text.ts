import { isJsonObject } from '../../json/member.ts'
import { compareTexts } from './value-order.ts'

/**
 * A value as FieldsV1 writes it inside a path element: members sorted, numbers as Go prints floats, strings with the
 * characters escaped that HTML would mind (json-iterator's encoder). Equal values have equal texts.
 */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return htmlSafe(jsonText(value))
  if (typeof value === 'number') return numberText(value)
  if (Array.isArray(value)) return `[${value.map(valueText).join(',')}]`
  if (!isJsonObject(value)) return String(value)
  const names = Object.keys(value).toSorted(compareTexts)
  return `{${names.map((name) => `${jsonText(name)}:${valueText(value[name])}`).join(',')}}`
}

/** JSON without the short escapes that json-iterator does not know. */
export function jsonText(value: string | object): string {
  const encoded = JSON.stringify(value)
  return encoded.includes('\\') ? encoded.replace(/\\(.)/g, longEscape) : encoded
}

/** As encoding/json and json-iterator escape what HTML would mind. */
export function htmlSafe(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, unicodeEscape)
}

/**
 * The text in messages, members without separators. `isStored` is whether the value was read from managedFields:
 * numbers are floats there and integers in objects, and print differently from a million on.
 */
export function valueMessage(value: unknown, isStored: boolean): string {
  if (typeof value === 'string') return goQuoted(value)
  if (typeof value === 'number')
    return isStored || !Number.isInteger(value) ? floatMessage(value) : String(BigInt(value))
  if (Array.isArray(value)) return `[${value.map((item) => valueMessage(item, isStored)).join(',')}]`
  if (!isJsonObject(value)) return String(value)
  return Object.entries(value)
    .map(([name, member]) => `${name}=${valueMessage(member, isStored)}`)
    .join('')
}

/** Go's %q. */
export function goQuoted(text: string): string {
  return `"${text.replace(/["\\\p{C}]|[^\P{Z} ]/gu, (character) => goEscapes[character] ?? goEscape(character))}"`
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value).replace(/e-(\d)$/, 'e-0$1')
}

/** strconv.FormatFloat(value, 'g', -1, 64): an exponent below -4 and from 6 on. */
function floatMessage(value: number): string {
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  const power = Number(exponent)
  if (value === 0 || (power >= -4 && power < 6)) return numberText(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

function longEscape(escape: string, character: string): string {
  if (character === 'b') return '\\u0008'
  return character === 'f' ? '\\u000c' : escape
}

/** The short escapes of Go's string literals. */
export const goEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

function goEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : unicodeEscape(character)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

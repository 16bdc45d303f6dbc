import { runeAt, runeBytes } from '../byte-string.ts'
import { int } from '../value.ts'
import type { Literal } from './nodes.ts'
import type { Token } from './tokens.ts'

/** What a constant of the source stands for; undefined if it is malformed, too large, or complex. */
export function literalOf({ kind, text }: Token): Literal | undefined {
  switch (kind) {
    case 'bool':
      return { value: text === 'true' }
    case 'string':
      return stringLiteral(unquoted(text))
    case 'raw-string':
      return { value: text.slice(1, -1).replaceAll('\r', '') }
    case 'char':
      return charLiteral(text)
    default:
      return numberLiteral(text)
  }
}

function stringLiteral(value: string | undefined): Literal | undefined {
  return value === undefined ? undefined : { value }
}

function charLiteral(text: string): Literal | undefined {
  const inner = text.slice(1, -1)
  const escaped = /^\\(?:x([0-9a-fA-F]{2})|([0-7]{3}))$/.exec(inner)
  if (escaped) return integerLiteral(BigInt(Number.parseInt(escaped[1] ?? escaped[2] ?? '', escaped[1] ? 16 : 8)))
  const value = unquoted(text)
  if (value === undefined || value === '') return undefined
  const rune = runeAt(value, 0)
  return rune.width === value.length ? integerLiteral(BigInt(rune.code)) : undefined
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}
const escapePattern = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]?))/g

/** What stands between the quotes, which are its own only ones, with Go's escapes resolved. */
function unquoted(text: string): string | undefined {
  const quote = text[0]
  let isValid = true
  const replaced = text.slice(1, -1).replace(escapePattern, (_, ...groups: (string | undefined)[]) => {
    const [byte, short, long, octal, simple] = groups
    if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16))
    const value = octal === undefined ? undefined : Number.parseInt(octal, 8)
    const code = short ?? long
    if (value !== undefined && value <= 255) return String.fromCharCode(value)
    if (code !== undefined && isScalar(Number.parseInt(code, 16))) return runeBytes(Number.parseInt(code, 16))
    const plain = simple === quote ? quote : simpleEscapes[simple ?? '']
    if (plain === undefined) isValid = false
    return plain ?? ''
  })
  return isValid ? replaced : undefined
}

function isScalar(code: number): boolean {
  return code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
}

const integerPattern =
  /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/
const decimalPattern = /^[+-]?(?:[0-9](?:_?[0-9])*)?\.?(?:[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9]+)?$/
const hexFloatPattern = /^([+-]?)0[xX]([0-9a-fA-F_]*)\.?([0-9a-fA-F_]*)[pP]([+-]?[0-9]+)$/

function numberLiteral(text: string): Literal | undefined {
  const integer = integerOf(text)
  if (integer !== undefined) return integerLiteral(integer)
  const float = floatOf(text)
  if (float === undefined || !Number.isFinite(float)) return undefined
  // A float that is a whole number can be given where an integer is asked for, but is a float by itself.
  return {
    value: float,
    float,
    ...(Number.isInteger(float) && Math.abs(float) < 2 ** 63 && { integer: BigInt(float) }),
  }
}

function integerLiteral(integer: bigint): Literal | undefined {
  if (integer > 2n ** 64n - 1n || integer < -(2n ** 63n)) return undefined
  return { value: int(integer), integer, float: Number(integer) }
}

function integerOf(text: string): bigint | undefined {
  const match = integerPattern.exec(text)
  if (!match || text.length > 100) return undefined
  const digits = (match[2] ?? '').replaceAll('_', '')
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits)
  return match[1] === '-' ? -magnitude : magnitude
}

function floatOf(text: string): number | undefined {
  if (text.length > 1_000) return undefined
  const hex = hexFloatPattern.exec(text)
  if (hex) {
    const [, sign, whole = '', fraction = '', exponent] = hex.map((part) => part?.replaceAll('_', ''))
    if (whole + fraction === '') return undefined
    const magnitude = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length)
    return sign === '-' ? -magnitude : magnitude
  }
  return decimalPattern.test(text) && /[0-9]/.test(text) && /[.eE]/.test(text)
    ? Number(text.replaceAll('_', ''))
    : undefined
}

import { byteString, runeBytes, runes } from '../byte-string.ts'
import type { Integer } from '../value.ts'
import type { Directive } from './directive.ts'
import { floatText, hexFloatText } from './float.ts'
import { canBackquote, quoted, quotedRune } from './quote.ts'

/** Strings, integers and floats under each verb; undefined where the verb means nothing for them. */
export function stringDirective(value: string, directive: Directive): string | undefined {
  const { verb, flags } = directive
  switch (verb) {
    case 'v':
      return padded(flags.has('#') ? quoted(value) : cut(value, directive), directive)
    case 's':
      return padded(cut(value, directive), directive)
    case 'q': {
      const text = cut(value, directive)
      return padded(flags.has('#') && canBackquote(text) ? `\`${text}\`` : quoted(text, flags.has('+')), directive)
    }
    case 'x':
    case 'X':
      return padded(hexBytes(value, directive), directive)
    default:
      return undefined
  }
}

/** At most as many characters as the precision says. */
function cut(value: string, { precision }: Directive): string {
  if (precision === undefined || precision >= value.length) return value
  let end = 0
  let count = 0
  for (const { width } of runes(value)) {
    if (count === precision) break
    end += width
    count += 1
  }
  return value.slice(0, end)
}

function hexBytes(value: string, { verb, flags, precision }: Directive): string {
  const bytes = [...(precision === undefined ? value : value.slice(0, precision))]
  if (bytes.length === 0) return ''
  const prefix = flags.has('#') ? '0x' : ''
  const pairs = bytes.map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0'))
  const text = prefix + pairs.join(flags.has(' ') ? ` ${prefix}` : '')
  return verb === 'X' ? text.toUpperCase() : text
}

export function padded(text: string, { width, flags }: Directive): string {
  if (width === undefined) return text
  let length = 0
  for (const _ of runes(text)) length += 1
  if (length >= width) return text
  if (flags.has('-')) return text + ' '.repeat(width - length)
  return (flags.has('0') ? '0' : ' ').repeat(width - length) + text
}

const bases: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }

export function integerDirective(integer: Integer, directive: Directive): string | undefined {
  const { verb, flags } = directive
  const { value } = integer
  if (verb === 'c') return padded(runeBytes(runeNumber(value)), directive)
  if (verb === 'q') return padded(quotedRune(runeNumber(value), flags.has('+')), directive)
  if (verb === 'U') return padded(unicodeNotation(value, directive), withoutZero(directive))
  const base = bases[verb]
  if (base === undefined) return undefined
  if (verb !== 'v' || !flags.has('#')) return integerText(value, base, directive)
  return integer.isUnsigned ? integerText(value, 16, directive) : integerText(value, 10, without(directive, '#'))
}

function runeNumber(value: bigint): number {
  return value < 0n || value > 0x10ffffn ? 0xfffd : Number(value)
}

function unicodeNotation(value: bigint, { flags, precision }: Directive): string {
  const unsigned = BigInt.asUintN(64, value)
  const text = `U+${unsigned
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, precision ?? 0), '0')}`
  const isCharacter = flags.has('#') && unsigned <= 0x10ffffn
  return isCharacter ? `${text} '${runeBytes(Number(unsigned))}'` : text
}

function integerText(value: bigint, base: number, directive: Directive): string {
  const { verb, flags, width, precision } = directive
  const sign = value < 0n ? '-' : flags.has('+') ? '+' : flags.has(' ') ? ' ' : ''
  if (precision === 0 && value === 0n) return padded('', withoutZero(directive))
  const fillsZeros = precision === undefined && flags.has('0') && !flags.has('-') && width !== undefined
  const least = fillsZeros ? width - sign.length : (precision ?? 0)
  let digits = (value < 0n ? -value : value).toString(base).padStart(least, '0')
  if (verb === 'X') digits = digits.toUpperCase()
  return padded(sign + basePrefix(base, digits, directive) + digits, withoutZero(directive))
}

function basePrefix(base: number, digits: string, { verb, flags }: Directive): string {
  if (verb === 'O') return flags.has('#') && !digits.startsWith('0') ? '0o0' : '0o'
  if (!flags.has('#')) return ''
  if (base === 2) return '0b'
  if (base === 8) return digits.startsWith('0') ? '' : '0'
  return base === 16 ? (verb === 'X' ? '0X' : '0x') : ''
}

const floatForms: Readonly<Record<string, 'e' | 'f' | 'g'>> = { v: 'g', g: 'g', G: 'g', e: 'e', E: 'e', f: 'f', F: 'f' }

export function floatDirective(value: number, directive: Directive): string | undefined {
  const { verb, flags, width } = directive
  const plain = plainFloat(value, directive)
  if (plain === undefined) return undefined
  const text = /[A-Z]/.test(verb) && Number.isFinite(value) ? plain.toUpperCase() : plain
  const [sign, magnitude] = /^[+-]/.test(text) ? [text.slice(0, 1), text.slice(1)] : ['+', text]
  const isFinite = Number.isFinite(value)
  const shownSign =
    sign === '-' || flags.has('+') ? sign : flags.has(' ') ? ' ' : isFinite || Number.isNaN(value) ? '' : '+'
  const fillsZeros = isFinite && flags.has('0') && !flags.has('-') && width !== undefined
  const body = fillsZeros ? magnitude.padStart(width - shownSign.length, '0') : magnitude
  return padded(byteString(shownSign + body), withoutZero(directive))
}

function plainFloat(value: number, { verb, precision }: Directive): string | undefined {
  const form = floatForms[verb]
  if (form !== undefined) return floatText(value, form, precision ?? (form === 'g' ? -1 : 6))
  return verb === 'x' || verb === 'X' ? hexFloatText(value) : undefined
}

function withoutZero(directive: Directive): Directive {
  return without(directive, '0')
}

function without(directive: Directive, flag: '0' | '#'): Directive {
  if (!directive.flags.has(flag)) return directive
  const flags = new Set(directive.flags)
  flags.delete(flag)
  return { ...directive, flags }
}

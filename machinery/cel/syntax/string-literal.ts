import { compileError } from './position.ts'

interface StringLiteral {
  readonly value: string | Uint8Array
  /** In the source, with prefix and quotes. */
  readonly length: number
}

/** Reads a string or bytes literal; `opening` is its prefix and opening quotes. */
export function stringLiteral(source: string, at: number, opening: string): StringLiteral {
  const quotes = opening.replace(/^[rRbB]+/, '')
  const prefix = opening.slice(0, opening.length - quotes.length).toLowerCase()
  const start = at + opening.length
  const end = endOf(source, start, { quotes, isRaw: prefix.includes('r'), at })
  const content = source.slice(start, end).replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  const length = end + quotes.length - at
  const isBytes = prefix.includes('b')
  if (prefix.includes('r')) return { value: isBytes ? Buffer.from(content) : content, length }
  const parts = partsOf(content, isBytes, (text) => compileError(source, at, text))
  return { value: isBytes ? Buffer.concat(parts.map((part) => Buffer.from(part))) : parts.join(''), length }
}

function endOf(
  source: string,
  start: number,
  { quotes, isRaw, at }: { quotes: string; isRaw: boolean; at: number },
): number {
  for (let index = start; index < source.length; index += 1) {
    if (source.startsWith(quotes, index)) return index
    if (source[index] === '\\' && !isRaw) index += 1
    else if (quotes.length === 1 && /[\r\n]/.test(source[index] ?? '')) break
  }
  throw compileError(source, at, 'Syntax error: a string without an end')
}

const escape =
  /\\(?:([abfnrtv\\'"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|[^]?)|[^\\]+/g

const simple: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** Text as it is and what escapes mean: in bytes, `\x` and octal escapes are bytes, in strings code points. */
function partsOf(content: string, isBytes: boolean, fail: (text: string) => Error): (string | Uint8Array)[] {
  const parts: (string | Uint8Array)[] = []
  for (const [all, letter, hex, short, long, octal] of content.matchAll(escape)) {
    if (!all.startsWith('\\')) parts.push(all)
    else if (letter !== undefined) parts.push(simple[letter] ?? letter)
    else if (hex !== undefined) parts.push(byteOrPoint(Number.parseInt(hex, 16), isBytes))
    else if (octal !== undefined) parts.push(byteOrPoint(Number.parseInt(octal, 8), isBytes))
    else parts.push(codePoint(short ?? long, isBytes, fail))
  }
  return parts
}

function byteOrPoint(code: number, isBytes: boolean): string | Uint8Array {
  return isBytes ? Uint8Array.of(code) : String.fromCodePoint(code)
}

function codePoint(hex: string | undefined, isBytes: boolean, fail: (text: string) => Error): string {
  if (hex === undefined) throw fail('unable to unescape string')
  const code = Number.parseInt(hex, 16)
  const isValid = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) && !isBytes
  if (!isValid) throw fail('invalid unicode code point')
  return String.fromCodePoint(code)
}

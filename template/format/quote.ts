import { runeBytes, runes } from '../byte-string.ts'

const named: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  92: '\\\\',
}

/** A byte string as a Go string literal; `ascii` escapes everything else too. */
export function quoted(bytes: string, ascii = false): string {
  let text = '"'
  let index = 0
  for (const { code, width, valid } of runes(bytes)) {
    text += valid ? escaped(code, { quote: '"', ascii }) : `\\x${hex(bytes.charCodeAt(index), 2)}`
    index += width
  }
  return `${text}"`
}

export function quotedRune(code: number, ascii = false): string {
  return `'${escaped(code, { quote: "'", ascii })}'`
}

function escaped(code: number, { quote, ascii }: { readonly quote: string; readonly ascii: boolean }): string {
  if (code === quote.charCodeAt(0)) return `\\${quote}`
  if (named[code] !== undefined) return named[code]
  if (code < 0x7f ? code >= 0x20 : !ascii && isPrintable(code)) return runeBytes(code)
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
}

function isPrintable(code: number): boolean {
  return code > 0x7f && /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(String.fromCodePoint(code))
}

/** Whether Go would write it between backquotes. */
export function canBackquote(bytes: string): boolean {
  for (const { code, valid } of runes(bytes)) {
    if (!valid || code === 0xfeff || code === 0x60 || code === 0x7f || (code < 0x20 && code !== 9)) return false
  }
  return true
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

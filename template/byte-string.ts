/**
 * A Go string is a sequence of bytes. In here it is a JavaScript string with one character a byte (0 to 255): offsets
 * are Go's, binary values survive every pipe, and `<` orders as Go does. Only what needs characters decodes.
 */
export function byteString(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** As text; what is no UTF-8 becomes U+FFFD, one for each byte as in Go. */
export function unicodeText(bytes: string): string {
  return isAscii(bytes) ? bytes : runesOf(bytes).map(characterOf).join('')
}

export function bytesOf(bytes: string): Buffer {
  return Buffer.from(bytes, 'latin1')
}

export function byteStringOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

export interface Rune {
  readonly code: number
  /** In bytes. */
  readonly width: number
  readonly valid: boolean
}

const invalidRune: Rune = { code: 0xfffd, width: 1, valid: false }

/** The character that begins at `index`; surrogates, overlong forms and cut sequences are invalid, as RFC 3629 says. */
export function runeAt(bytes: string, index: number): Rune {
  const first = bytes.charCodeAt(index)
  if (first < 0x80) return { code: first, width: 1, valid: true }
  const width = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4 || index + width > bytes.length) return invalidRune
  let code = first & (0xff >> (width + 1))
  for (let offset = 1; offset < width; offset += 1) {
    const next = bytes.charCodeAt(index + offset)
    if ((next & 0xc0) !== 0x80) return invalidRune
    code = (code << 6) | (next & 0x3f)
  }
  const least = width === 4 ? 0x10000 : width === 3 ? 0x800 : 0x80
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return invalidRune
  return { code, width, valid: true }
}

export function* runes(bytes: string): Generator<Rune> {
  for (let index = 0; index < bytes.length; ) {
    const rune = runeAt(bytes, index)
    yield rune
    index += rune.width
  }
}

/** The code points. */
export function runesOf(bytes: string): number[] {
  return Array.from(runes(bytes), ({ code }) => code)
}

/** The bytes of a code point; what is none becomes U+FFFD. */
export function runeBytes(code: number): string {
  return byteString(characterOf(code))
}

export function fromRunes(codes: readonly number[]): string {
  return byteString(codes.map(characterOf).join(''))
}

export function characterOf(code: number): string {
  const isScalar = code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return String.fromCodePoint(isScalar ? code : 0xfffd)
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false
  return true
}

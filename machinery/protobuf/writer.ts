import { wireTypes } from './wire.ts'

/**
 * Writing protocol buffers. Bytes are strings of characters below 256 until the end: messages stand in messages with
 * their length in front, and joining strings copies nothing.
 */
export type Encoded = string

/** How a member of a JSON object is written as a field of a message. */
export type Field = (value: unknown) => Encoded

export function text(number: number): Field {
  return (value) => lengthPrefixed(number, Buffer.from(String(value)).toString('latin1'))
}

export function flag(number: number): Field {
  return (value) => tag(number, wireTypes.varint) + varint(value === true ? 1 : 0)
}

export function integer(number: number): Field {
  return (value) => tag(number, wireTypes.varint) + varint(Number(value))
}

export function double(number: number): Field {
  return (value) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(Number(value))
    return tag(number, wireTypes.fixed64) + bytes.toString('latin1')
  }
}

export function message(number: number, encode: Field): Field {
  return (value) => lengthPrefixed(number, encode(value))
}

export function repeated(field: Field): Field {
  return (value) => (Array.isArray(value) ? value.map(field).join('') : '')
}

export function bytesOf(encoded: Encoded): Uint8Array {
  return Buffer.from(encoded, 'latin1')
}

function lengthPrefixed(number: number, content: Encoded): Encoded {
  return tag(number, wireTypes.bytes) + varint(content.length) + content
}

function tag(number: number, wire: number): Encoded {
  return varint(number * 8 + wire)
}

/** Of a whole number that is not negative. */
function varint(value: number): Encoded {
  let digits = ''
  let rest = value
  while (rest >= 0x80) {
    digits += String.fromCharCode((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return digits + String.fromCharCode(rest)
}

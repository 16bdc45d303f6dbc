/** Writing protocol buffers: what OpenAPI v2 needs of them. */

/** How a member of a JSON object is written as a field of a message. */
export type Field = (value: unknown) => Uint8Array

const encoder = new TextEncoder()
const varintWire = 0
const fixed64Wire = 1
const bytesWire = 2

export function text(number: number): Field {
  return (value) => lengthPrefixed(number, encoder.encode(String(value)))
}

export function flag(number: number): Field {
  return (value) => Buffer.concat([tag(number, varintWire), varint(value === true ? 1 : 0)])
}

export function integer(number: number): Field {
  return (value) => Buffer.concat([tag(number, varintWire), varint(Number(value))])
}

export function double(number: number): Field {
  return (value) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(Number(value))
    return Buffer.concat([tag(number, fixed64Wire), bytes])
  }
}

export function message(number: number, encode: Field): Field {
  return (value) => lengthPrefixed(number, encode(value))
}

export function repeated(field: Field): Field {
  return (value) => Buffer.concat(Array.isArray(value) ? value.map(field) : [])
}

/** The fields of a message one after the other. */
export function fields(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

function lengthPrefixed(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([tag(number, bytesWire), varint(bytes.length), bytes])
}

function tag(number: number, wire: number): Uint8Array {
  return varint(number * 8 + wire)
}

/** Of a whole number that is not negative. */
function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Uint8Array.from([...bytes, rest])
}

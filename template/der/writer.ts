/** Distinguished encoding of ASN.1: each function answers the bytes of one value. */
export function tagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), lengthBytes(content.length), content])
}

export function sequence(...items: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...items)
}

/** The elements of a set are sorted, as distinguished encoding wants. */
export function set(...items: readonly Uint8Array[]): Buffer {
  return tagged(0x31, ...items.map((item) => Buffer.from(item)).sort((a, b) => a.compare(b)))
}

/** `[number]`, constructed. */
export function context(number: number, ...contents: readonly Uint8Array[]): Buffer {
  return tagged(0xa0 + number, ...contents)
}

export function integer(value: bigint | number | Uint8Array): Buffer {
  if (value instanceof Uint8Array) {
    let start = 0
    while (start < value.length - 1 && value[start] === 0) start += 1
    const kept = Buffer.from(value.subarray(start))
    return tagged(0x02, (kept[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), kept]) : kept)
  }
  const hex = value.toString(16)
  return integer(Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, 'hex'))
}

export function octets(bytes: Uint8Array): Buffer {
  return tagged(0x04, bytes)
}

export function bits(bytes: Uint8Array, unusedBits = 0): Buffer {
  return tagged(0x03, Buffer.from([unusedBits]), bytes)
}

export function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]))
}

export const nothing = tagged(0x05)

export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([40 * first + second, ...others.flatMap(base128)]))
}

/** Until 2049 with two digits of the year, as RFC 5280 says. */
export function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/[-:T]|\.\d+/g, '')
  const isShort = digits < '2050' && digits >= '1950'
  return isShort ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80)
  return digits
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const hex = length.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, 'hex')
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

import { ProtobufDecodeError } from './errors.ts'
import { wireTypes } from './wire.ts'

/** A field as it stands in a message. Numbers of fixed length are passed over: nothing here is sent as one. */
export type Piece = { readonly number: number } & (
  | { readonly wire: 'varint'; readonly value: number }
  | { readonly wire: 'bytes'; readonly value: Uint8Array }
  | { readonly wire: 'fixed' }
)

/** The fields of a message in their order, known or not. Throws ProtobufDecodeError. */
export function* readPieces(message: Uint8Array): Generator<Piece> {
  const reader = new Reader(message)
  while (!reader.isAtEnd) yield reader.piece()
}

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  piece(): Piece {
    const tag = this.#varint()
    const number = Math.floor(tag / 8)
    if (number < 1) throw new ProtobufDecodeError('a field without a number')
    switch (tag % 8) {
      case wireTypes.varint:
        return { number, wire: 'varint', value: this.#varint() }
      case wireTypes.bytes:
        return { number, wire: 'bytes', value: this.#take(this.#varint()) }
      case wireTypes.fixed64:
        this.#take(8)
        return { number, wire: 'fixed' }
      case wireTypes.fixed32:
        this.#take(4)
        return { number, wire: 'fixed' }
      default:
        throw new ProtobufDecodeError('a field of no known wire type')
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length
    if (length < 0 || end > this.#bytes.length) throw new ProtobufDecodeError('a field longer than what is there')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  /** Seven bits a byte, the least first. */
  #varint(): number {
    const start = this.#at
    const first = this.#bytes[start] ?? 0x80
    if (first < 0x80) {
      this.#at++
      return first
    }
    while ((this.#bytes[this.#at] ?? 0) >= 0x80) this.#at++
    const digits = this.#bytes.subarray(start, ++this.#at)
    if (this.#at > this.#bytes.length) throw new ProtobufDecodeError('an unfinished number')
    if (digits.length > 10) throw new ProtobufDecodeError('a number of more than 64 bits')
    return digits.length < 8 ? digits.reduceRight((sum, digit) => sum * 128 + (digit & 0x7f), 0) : signed(digits)
  }
}

/** As a signed number of 64 bits. What a double cannot keep is for the reader of the field to refuse. */
function signed(digits: Uint8Array): number {
  let sum = 0n
  for (const digit of digits.toReversed()) sum = (sum << 7n) | BigInt(digit & 0x7f)
  return Number(BigInt.asIntN(64, sum))
}

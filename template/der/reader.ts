/** A value of ASN.1 in distinguished encoding. */
export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  /** Tag and length too. */
  readonly whole: Buffer
}

/** The values that stand one after the other in these bytes; undefined if they are no such thing. */
export function derValues(bytes: Uint8Array): readonly DerValue[] | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values: DerValue[] = []
  for (let at = 0; at < buffer.length; ) {
    const value = derValueAt(buffer, at)
    if (!value) return undefined
    values.push(value)
    at += value.whole.length
  }
  return values
}

/** The values inside of a constructed one; none if it is malformed. */
export function childrenOf(value: DerValue | undefined): readonly DerValue[] {
  return (value && derValues(value.content)) ?? []
}

function derValueAt(bytes: Buffer, at: number): DerValue | undefined {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || lengthBytes > 4 || at + 2 + lengthBytes > bytes.length) return undefined
  const start = at + 2 + lengthBytes
  const length = first < 0x80 ? first : bytes.readUIntBE(at + 2, lengthBytes)
  if (start + length > bytes.length) return undefined
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) }
}

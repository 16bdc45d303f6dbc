/** How objects become bytes. `decode` rejects bytes that `encode` cannot have written. */
export interface Codec<T> {
  encode(value: T): Uint8Array
  decode(bytes: Uint8Array): T
}

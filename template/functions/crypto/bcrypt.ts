import { Blowfish } from './blowfish.ts'

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** Of a longer password the rest would be ignored, so it is refused. */
export const passwordBytesMax = 72

/** `$2a$`: the form that Go's library writes. */
export function bcryptHash(password: Uint8Array, salt: Uint8Array, cost: number): string {
  const key = Buffer.concat([password, Buffer.from([0])])
  const saltWords = Uint32Array.from({ length: 4 }, (_, index) => Buffer.from(salt).readUInt32BE(4 * index))
  const cipher = new Blowfish()
  cipher.expand(key, saltWords)
  for (let round = 0; round < 2 ** cost; round += 1) {
    cipher.expand(key)
    cipher.expand(salt)
  }
  const text = Buffer.from('OrpheanBeholderScryDoubt', 'latin1')
  const words = Uint32Array.from({ length: 6 }, (_, index) => text.readUInt32BE(4 * index))
  for (let at = 0; at < 6; at += 2) for (let round = 0; round < 64; round += 1) cipher.encrypt(words, at)
  const digest = Buffer.alloc(24)
  for (const [index, word] of words.entries()) digest.writeUInt32BE(word, 4 * index)
  return `$2a$${`${cost}`.padStart(2, '0')}$${encoded(salt)}${encoded(digest.subarray(0, 23))}`
}

/** Base64 with an alphabet of its own and without padding. */
function encoded(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index += 3) {
    const group = bytes.subarray(index, index + 3)
    const word = ((group[0] ?? 0) << 16) | ((group[1] ?? 0) << 8) | (group[2] ?? 0)
    for (let part = 0; part <= group.length; part += 1) text += alphabet[(word >> (18 - 6 * part)) & 63]
  }
  return text
}

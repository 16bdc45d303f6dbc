/**
 * The cipher under bcrypt. Its tables are the digits of pi behind the point, so they are computed and not listed; that
 * takes some milliseconds and happens once a hash, which takes much longer.
 */
export class Blowfish {
  readonly #p: Uint32Array
  readonly #s: Uint32Array

  constructor() {
    const words = piWords(18 + 1024)
    this.#p = words.slice(0, 18)
    this.#s = words.slice(18)
  }

  /** Mixes the key, and a salt if there is one, into the tables. */
  expand(key: Uint8Array, salt?: Uint32Array): void {
    let at = 0
    for (let index = 0; index < 18; index += 1) {
      let word = 0
      for (let byte = 0; byte < 4; byte += 1) {
        word = (word << 8) | (key[at] ?? 0)
        at = (at + 1) % key.length
      }
      this.#p[index] = (this.#p[index] ?? 0) ^ word
    }
    const block = new Uint32Array(2)
    let word = 0
    for (const table of [this.#p, this.#s]) {
      for (let index = 0; index < table.length; index += 2) {
        if (salt) {
          block[0] = (block[0] ?? 0) ^ (salt[word] ?? 0)
          block[1] = (block[1] ?? 0) ^ (salt[word + 1] ?? 0)
          word = (word + 2) % salt.length
        }
        this.encrypt(block, 0)
        table[index] = block[0] ?? 0
        table[index + 1] = block[1] ?? 0
      }
    }
  }

  /** The two words from `at` on, in place. */
  encrypt(words: Uint32Array, at: number): void {
    const [p, s] = [this.#p, this.#s]
    let left = words[at] ?? 0
    let right = words[at + 1] ?? 0
    for (let round = 0; round < 16; round += 2) {
      left ^= p[round] as number
      right ^= mixed(s, left)
      right ^= p[round + 1] as number
      left ^= mixed(s, right)
    }
    words[at] = right ^ (p[17] as number)
    words[at + 1] = left ^ (p[16] as number)
  }
}

function mixed(s: Uint32Array, word: number): number {
  const sum = ((s[word >>> 24] as number) + (s[256 + ((word >>> 16) & 255)] as number)) | 0
  return ((sum ^ (s[512 + ((word >>> 8) & 255)] as number)) + (s[768 + (word & 255)] as number)) | 0
}

/** The first words of the binary fraction of pi, by Machin's formula. */
function piWords(count: number): Uint32Array {
  const guardBits = 64n
  const bits = BigInt(32 * count) + guardBits
  const one = 1n << bits
  const fraction = (4n * (4n * arctangentOfInverse(5n, one) - arctangentOfInverse(239n, one)) - 3n * one) >> guardBits
  const hex = fraction.toString(16).padStart(8 * count, '0')
  return Uint32Array.from({ length: count }, (_, index) => Number.parseInt(hex.slice(8 * index, 8 * index + 8), 16))
}

function arctangentOfInverse(inverse: bigint, one: bigint): bigint {
  const square = inverse * inverse
  let power = one / inverse
  let sum = power
  for (let divisor = 3n, sign = -1n; power > 0n; divisor += 2n, sign = -sign) {
    power /= square
    sum += (sign * power) / divisor
  }
  return sum
}

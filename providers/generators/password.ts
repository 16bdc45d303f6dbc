import { randomInt } from 'node:crypto'
import { ProviderError } from '../errors.ts'
import { toBase32 } from './base32.ts'
import type { PassingGenerator } from './generator.ts'
import type { PasswordSpec } from './schemas/local.ts'

export const passwordGenerator: PassingGenerator<PasswordSpec> = {
  async generate(spec) {
    const keys = keysOf(spec)
    return new Map(keys.map((key) => [key, Buffer.from(encoded(newPassword(spec), spec.encoding))]))
  },
}

function keysOf({ secretKeys = ['password'] }: PasswordSpec): readonly string[] {
  if (secretKeys.some((key) => key === '')) throw new ProviderError('invalid-ref', 'secretKeys must not be empty')
  if (new Set(secretKeys).size < secretKeys.length) throw new ProviderError('invalid-ref', 'secretKeys must be unique')
  return secretKeys
}

const lower = 'abcdefghijklmnopqrstuvwxyz'
const defaultSymbols = '~!@#$%^&*()_+`-={}|[]\\:"<>?,./'

/** So many of each sort, each at a random place (eso-inventory.md 4.11). */
function newPassword(spec: PasswordSpec): string {
  const { length, noUpper } = spec
  const quarter = Math.floor(length / 4)
  const { digits = quarter, symbols = quarter } = spec
  const letters = length - digits - symbols
  if (length > lengthMax) throw new ProviderError('invalid-ref', `length must be at most ${lengthMax}`)
  if (letters < 0 || digits < 0 || symbols < 0) {
    throw new ProviderError('invalid-ref', 'number of digits and symbols must be less than total length')
  }
  const sorts: readonly Sort[] = [
    { name: 'letters', count: letters, from: noUpper ? lower : lower + lower.toUpperCase() },
    { name: 'digits', count: digits, from: '0123456789' },
    { name: 'symbols', count: symbols, from: spec.symbolCharacters || defaultSymbols },
  ]
  return shuffled(sorts.flatMap((sort) => picked(sort, spec.allowRepeat))).join('')
}

/** Of no use in a Secret, and slow to make. */
const lengthMax = 100_000

interface Sort {
  readonly name: string
  readonly count: number
  readonly from: string
}

function picked({ name, count, from }: Sort, allowRepeat: boolean): string[] {
  const characters = [...from]
  if (allowRepeat) return Array.from({ length: count }, () => characters[randomInt(characters.length)] ?? '')
  const distinct = [...new Set(characters)]
  if (count > distinct.length) {
    const text = `number of ${name} exceeds available ${name} and repeats are not allowed`
    throw new ProviderError('invalid-ref', text)
  }
  return shuffled(distinct).slice(0, count)
}

/** Fisher and Yates, with numbers that nobody can guess. */
function shuffled(characters: readonly string[]): string[] {
  const places = [...characters]
  for (let last = places.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1)
    ;[places[last], places[other]] = [places[other] ?? '', places[last] ?? '']
  }
  return places
}

function encoded(text: string, encoding: PasswordSpec['encoding'] = 'raw'): string {
  const bytes = Buffer.from(text)
  if (encoding === 'base32') return toBase32(bytes)
  if (encoding === 'base64') return bytes.toString('base64')
  if (encoding === 'base64url') return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
  return encoding === 'hex' ? bytes.toString('hex') : text
}

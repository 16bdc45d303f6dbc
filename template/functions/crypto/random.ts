import { fromRunes, runesOf } from '../../byte-string.ts'
import { type CallContext, FunctionFailure, type FunctionTable, takes } from '../definition.ts'
import { randomBelow } from '../math/numbers.ts'

const digits = '0123456789'
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')

export const randomFunctions: FunctionTable = {
  randAlpha: takes(['int'], ([count], context) => randomText(count, letters, context)),
  randAlphaNum: takes(['int'], ([count], context) => randomText(count, letters + digits, context)),
  randAscii: takes(['int'], ([count], context) => randomText(count, printable, context)),
  randNumeric: takes(['int'], ([count], context) => randomText(count, digits, context)),
  randBytes: takes(['int'], ([count], { budget, random }) => {
    requireCount(count)
    budget.reserve(2 * count)
    return Buffer.from(random(count)).toString('base64')
  }),
  uuidv4: takes([], (_, { random }) => uuid(random(16))),
  shuffle: takes(['string'], ([text], context) => shuffled(text, context)),
}

function randomText(count: number, alphabet: string, { budget, random }: CallContext): string {
  requireCount(count)
  budget.reserve(count)
  budget.spend(count)
  return Array.from({ length: count }, () => alphabet[randomBelow(alphabet.length, random)]).join('')
}

function requireCount(count: number): void {
  if (count < 0) throw new FunctionFailure('the length is below zero')
}

function uuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  const variant = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant.toString(16) + hex.slice(18, 20),
    hex.slice(20),
  ]
  return parts.join('-')
}

function shuffled(text: string, { budget, random }: CallContext): string {
  const codes = runesOf(text)
  budget.spend(codes.length)
  for (let index = codes.length - 1; index > 0; index -= 1) {
    const other = randomBelow(index + 1, random)
    const code = codes[index] ?? 0
    codes[index] = codes[other] ?? 0
    codes[other] = code
  }
  return fromRunes(codes)
}

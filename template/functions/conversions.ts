import type { Budget } from '../exec/budget.ts'
import { defaultText } from '../format/print.ts'
import { Integer, List, type Value } from '../value.ts'

/** Sprig's lenient conversions: what is no number counts as 0. */
export function toInteger(value: Value): bigint {
  if (value instanceof Integer) return value.text === undefined ? BigInt.asIntN(64, value.value) : 0n
  if (typeof value === 'number') return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : -(2n ** 63n)
  if (typeof value === 'boolean') return value ? 1n : 0n
  return typeof value === 'string' ? integerOf(value) : 0n
}

const integerForms = [
  '0[xX](?:_?[0-9a-fA-F])+',
  '0[bB](?:_?[01])+',
  '0[oO](?:_?[0-7])+',
  '0(?:_?[0-7])*',
  '[1-9](?:_?[0-9])*',
]

/** With Go's prefixes for other bases; zeros behind a decimal point do not count. */
function integerOf(text: string): bigint {
  const [, sign, digits] = new RegExp(`^([+-]?)(${integerForms.join('|')})(?:\\.0*)?$`).exec(text) ?? []
  if (digits === undefined || digits.length > 100) return 0n
  const plain = digits.replaceAll('_', '')
  const magnitude = BigInt(/^0[0-7]/.test(plain) ? `0o${plain.slice(1)}` : plain)
  const value = sign === '-' ? -magnitude : magnitude
  return value === BigInt.asIntN(64, value) ? value : 0n
}

export function toFloat(value: Value): number {
  if (typeof value === 'number') return value
  if (value instanceof Integer) return Number(value.value)
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'string' ? floatOf(value) : 0
}

function floatOf(text: string): number {
  if (/^[+-]?(inf|infinity)$/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^nan$/i.test(text)) return Number.NaN
  if (!/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(text)) return 0
  const value = Number(text)
  return Number.isFinite(value) ? value : 0
}

/** A list as texts, without nils; anything else is a list of one. */
export function toTexts(value: Value, budget: Budget): string[] {
  if (value === null) return []
  if (!(value instanceof List)) return [defaultText(value, budget)]
  return value.items.flatMap((item) => (item === null ? [] : [defaultText(item, budget)]))
}

import { unquoted, type Found } from './json-scan.ts'

/** How gjson says a value as text: strings unescaped, integers as they stand, null as nothing, the rest as JSON. */
export function textOf(found: Found): string {
  if (found.kind === 'string') return unquoted(found.raw)
  if (found.kind === 'null') return ''
  return found.kind === 'number' ? numberText(found.raw) : found.raw
}

function numberText(raw: string): string {
  return /^-?\d+$/.test(raw) ? raw : decimal(numberOf(raw))
}

export function numberOf(raw: string): number {
  const value = Number(raw)
  return Number.isNaN(value) ? 0 : value
}

/** The shortest decimal that reads back as the same float64, never with an exponent (Go's FormatFloat with 'f', -1). */
export function decimal(value: number): string {
  if (Object.is(value, -0)) return '-0'
  const [mantissa = '', exponent] = String(value).split('e')
  if (exponent === undefined) return mantissa
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)\.?(\d*)$/.exec(mantissa) ?? []
  const point = whole.length + Number(exponent)
  const digits = whole + fraction
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${digits.padEnd(point, '0')}`
}

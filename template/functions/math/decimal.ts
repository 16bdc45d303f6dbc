import { floatText } from '../../format/float.ts'

/** coefficient times ten to the power of exponent: how the functions that end in `f` calculate. */
export interface Decimal {
  readonly coefficient: bigint
  readonly exponent: number
}

/** The shortest decimal that means this float. */
export function decimalOf(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = floatText(value, 'e').split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return { coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}

export function floatOf({ coefficient, exponent }: Decimal): number {
  return Number(`${coefficient}e${exponent}`)
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent)
  return { coefficient: at(a, exponent) + at(b, exponent), exponent }
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { ...b, coefficient: -b.coefficient })
}

export function times(a: Decimal, b: Decimal): Decimal {
  return { coefficient: a.coefficient * b.coefficient, exponent: a.exponent + b.exponent }
}

/** Places behind the decimal point that a quotient keeps. */
const quotientPlaces = 16

export function dividedBy(a: Decimal, b: Decimal): Decimal {
  const shift = a.exponent - b.exponent + quotientPlaces
  const numerator = a.coefficient * (shift > 0 ? 10n ** BigInt(shift) : 1n)
  const denominator = b.coefficient * (shift < 0 ? 10n ** BigInt(-shift) : 1n)
  const quotient = numerator / denominator
  const twice = (numerator % denominator) * 2n
  const isUp = (twice < 0n ? -twice : twice) >= (denominator < 0n ? -denominator : denominator)
  const away = numerator < 0n === denominator < 0n ? 1n : -1n
  return { coefficient: isUp ? quotient + away : quotient, exponent: -quotientPlaces }
}

function at({ coefficient, exponent }: Decimal, to: number): bigint {
  return coefficient * 10n ** BigInt(exponent - to)
}

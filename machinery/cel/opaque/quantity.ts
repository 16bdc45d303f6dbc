import type { Opaque } from '../values/value.ts'

const form = /^([-+]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][-+]?\d{1,9})?$/
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}

/** Nothing smaller than a billionth counts: more is rounded away from zero. */
const scale = 9
const unit = 10n ** 9n
const unitsMax = 2n ** 63n - 1n

/** A quantity of resources (k8s.io/apimachinery/pkg/api/resource), in billionths. */
export class Quantity implements Opaque {
  readonly typeName = 'kubernetes.Quantity'
  readonly billionths: bigint
  /**
   * The power of ten of its last digit, where Kubernetes keeps it as an int64. Only such a quantity has an integer:
   * `1.0`, `1000m` and `1Pi` are whole numbers too, but not kept so.
   */
  readonly exponent: number | undefined

  constructor(billionths: bigint, exponent: number | undefined) {
    this.billionths = billionths
    this.exponent = exponent
  }

  static ofInteger(value: bigint): Quantity {
    return new Quantity(value * unit, 0)
  }

  plus(other: Quantity, sign: bigint): Quantity {
    const isPlain = this.exponent !== undefined && other.exponent !== undefined
    const exponent = isPlain ? Math.min(this.exponent, other.exponent) : undefined
    return new Quantity(this.billionths + sign * other.billionths, exponent)
  }

  equals(other: Opaque): boolean {
    return other instanceof Quantity && other.billionths === this.billionths
  }

  get integer(): bigint | undefined {
    const value = this.billionths / unit
    return this.exponent !== undefined && this.exponent >= 0 && BigInt.asIntN(64, value) === value ? value : undefined
  }

  get approximateFloat(): number {
    return Number(this.billionths / unit) + Number(this.billionths % unit) / Number(unit)
  }
}

export function parseQuantity(text: string): Quantity | undefined {
  if (text.length > 1000) return undefined
  const [, sign = '', digits, suffix = ''] = form.exec(text) ?? []
  if (digits === undefined) return undefined
  const [whole = '', fraction = ''] = digits.split('.')
  const magnitude = scaled(BigInt(`${whole}${fraction}` || '0'), fraction.length, suffix)
  const exponent = plainExponent(whole.replace(/^0+/, ''), fraction, suffix)
  const isCapped = exponent === undefined && magnitude > unitsMax * unit
  const capped = isCapped ? unitsMax * unit : magnitude
  return new Quantity(sign === '-' ? -capped : capped, exponent)
}

/** undefined for what Kubernetes keeps as a decimal of any length. */
function plainExponent(whole: string, fraction: string, suffix: string): number | undefined {
  const power = binary.indexOf(suffix)
  if (power > 0) {
    const precision = 14 - Math.max(1, whole.length) - Math.floor((power * 30) / 10)
    return fraction === '' && precision >= 0 ? 0 : undefined
  }
  const exponent = (decimalExponents[suffix] ?? Number(suffix.slice(1))) - fraction.length
  return whole.length + fraction.length <= 18 && exponent >= -scale ? exponent : undefined
}

/** `digits` without its point, which stood before the last `decimals` of them. */
function scaled(digits: bigint, decimals: number, suffix: string): bigint {
  const power = binary.indexOf(suffix)
  if (power > 0) return roundedUp(digits * 1024n ** BigInt(power), scale - decimals)
  const exponent = decimalExponents[suffix] ?? Number(suffix.slice(1))
  // Beyond this everything is either capped or a billionth.
  const shift = Math.max(-2000, Math.min(2000, exponent)) + scale - decimals
  return roundedUp(digits, shift)
}

function roundedUp(value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value * 10n ** BigInt(exponent)
  const divisor = 10n ** BigInt(-exponent)
  return (value + divisor - 1n) / divisor
}

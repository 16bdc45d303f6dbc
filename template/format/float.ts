/** `value` as Go's strconv writes it; a precision below zero asks for the shortest text that reads back the same. */
export function floatText(value: number, form: 'e' | 'f' | 'g', precision = -1): string {
  if (Number.isNaN(value)) return 'NaN'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (!Number.isFinite(value)) return `${sign === '' ? '+' : '-'}Inf`
  return sign + magnitudeText(Math.abs(value), form, precision)
}

/** `0x1.8p+00`: exact, so that no precision is needed; one that is asked for is not applied. */
export function hexFloatText(value: number): string {
  if (value === 0 || !Number.isFinite(value))
    return value === 0 ? `${Object.is(value, -0) ? '-' : ''}0x0p+00` : floatText(value, 'g')
  const { mantissa, exponent } = parts(Math.abs(value))
  const length = mantissa.toString(2).length
  const fraction = (mantissa << BigInt(53 - length)).toString(16).slice(1).replace(/0+$/, '')
  const power = exponent + length - 1
  const sign = value < 0 ? '-' : ''
  const digits = `${Math.abs(power)}`.padStart(2, '0')
  return `${sign}0x1${fraction === '' ? '' : `.${fraction}`}p${power < 0 ? '-' : '+'}${digits}`
}

/** 0.d1d2d3... times ten to the power of `point`. */
interface Digits {
  readonly digits: string
  readonly point: number
}

function magnitudeText(value: number, form: 'e' | 'f' | 'g', precision: number): string {
  if (form === 'f') return precision < 0 ? positional(shortest(value)) : fixed(value, precision)
  if (form === 'e') {
    const found = precision < 0 ? shortest(value) : significant(value, precision + 1)
    return exponential(found, precision < 0 ? Math.max(0, found.digits.length - 1) : precision)
  }
  const wanted = precision === 0 ? 1 : precision
  const found = trimmed(wanted < 0 ? shortest(value) : significant(value, wanted))
  const exponent = found.point - 1
  const limit = wanted < 0 ? shortestExponentMax : wanted
  if (exponent < -4 || exponent >= limit) return exponential(found, Math.max(0, found.digits.length - 1))
  return positional(found)
}

/** From ten to this power on the shortest form of a float has an exponent. */
const shortestExponentMax = 6

function shortest(value: number): Digits {
  if (value === 0) return { digits: '0', point: 1 }
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 }
}

/** Rounded half to even on the exact value, as many digits as asked for. */
function significant(value: number, count: number): Digits {
  if (count > placesMax) {
    const { digits, point } = significant(value, placesMax)
    return { digits: digits.padEnd(count, '0'), point }
  }
  if (value === 0) return { digits: '0'.repeat(count), point: 1 }
  const exponent = shortest(value).point - 1
  const digits = `${scaled(value, count - 1 - exponent)}`
  if (digits.length === count) return { digits, point: exponent + 1 }
  // Rounded up to the next power of ten, or the shortest form had been.
  const up = digits.length > count ? 1 : -1
  return { digits: `${scaled(value, count - 1 - exponent - up)}`, point: exponent + 1 + up }
}

/** No float has more digits than these behind its point. */
const placesMax = 1_100

function fixed(value: number, places: number): string {
  if (places > placesMax) return fixed(value, placesMax) + '0'.repeat(places - placesMax)
  const digits = `${scaled(value, places)}`.padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  return places === 0 ? whole : `${whole}.${digits.slice(digits.length - places)}`
}

/** The exact value times ten to the power of `places`, rounded half to even. */
function scaled(value: number, places: number): bigint {
  const { mantissa, exponent } = parts(value)
  const numerator = mantissa * (exponent > 0 ? 1n << BigInt(exponent) : 1n) * (places > 0 ? 10n ** BigInt(places) : 1n)
  const denominator = (exponent < 0 ? 1n << BigInt(-exponent) : 1n) * (places < 0 ? 10n ** BigInt(-places) : 1n)
  const quotient = numerator / denominator
  const twice = (numerator % denominator) * 2n
  return twice > denominator || (twice === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient
}

/** mantissa times two to the power of exponent. */
function parts(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const mantissa = (bits & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n)
  return { mantissa, exponent: Math.max(biased, 1) - 1075 }
}

function trimmed({ digits, point }: Digits): Digits {
  const kept = digits.replace(/0+$/, '')
  return kept === '' ? { digits: '0', point: 1 } : { digits: kept, point }
}

function exponential({ digits, point }: Digits, places: number): string {
  const fraction = digits.slice(1).padEnd(places, '0')
  const exponent = point - 1
  const power = `${Math.abs(exponent)}`.padStart(2, '0')
  return `${digits[0]}${fraction === '' ? '' : `.${fraction}`}e${exponent < 0 ? '-' : '+'}${power}`
}

function positional({ digits, point }: Digits): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`
  if (digits.length <= point) return digits.padEnd(point, '0')
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}

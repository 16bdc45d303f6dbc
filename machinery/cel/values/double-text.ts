/** A double as strconv.FormatFloat(value, 'g', -1, 64) of Go writes it: 1e+06, 0.5, +Inf. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa = '', exponentText = ''] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  // JavaScript turns to exponents below 1e-6 and from 1e21 on only.
  if (exponent >= -4 && exponent < 6) return String(value)
  const digits = Math.abs(exponent).toString().padStart(2, '0')
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`
}

/** Go's time.Duration in nanoseconds, and its text form. */
const unitNanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1_000,
  '\u00b5s': 1_000,
  '\u03bcs': 1_000,
  ms: 1_000_000,
  s: 1_000_000_000,
  m: 60_000_000_000,
  h: 3_600_000_000_000,
}
const partPattern = /(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y

export function parseDuration(text: string): bigint | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  const body = text.slice(sign.length)
  if (body === '0') return 0n
  let total = 0n
  let end = 0
  while (end < body.length) {
    partPattern.lastIndex = end
    const [part, whole = '', fraction = '', unit = ''] = partPattern.exec(body) ?? []
    if (part === undefined || whole + fraction === '') return undefined
    const scale = unitNanoseconds[unit] ?? 0
    total += BigInt(whole || '0') * BigInt(scale)
    if (fraction !== '') total += (BigInt(fraction) * BigInt(scale)) / 10n ** BigInt(fraction.length)
    if (total >= 2n ** 63n) return undefined
    end = partPattern.lastIndex
  }
  if (end === 0) return undefined
  return sign === '-' ? -total : total
}

export function durationText(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  const sign = nanoseconds < 0n ? '-' : ''
  const magnitude = nanoseconds < 0n ? -nanoseconds : nanoseconds
  if (magnitude < 1_000n) return `${sign}${magnitude}ns`
  if (magnitude < 1_000_000n) return `${sign}${decimal(magnitude, 3)}\u00b5s`
  if (magnitude < 1_000_000_000n) return `${sign}${decimal(magnitude, 6)}ms`
  const minutes = magnitude / 60_000_000_000n
  const seconds = `${decimal(magnitude % 60_000_000_000n, 9)}s`
  if (minutes === 0n) return sign + seconds
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`
}

/** The value over ten to the power of `places`, without zeros at the end. */
function decimal(value: bigint, places: number): string {
  const scale = 10n ** BigInt(places)
  const fraction = `${value % scale}`.padStart(places, '0').replace(/0+$/, '')
  return fraction === '' ? `${value / scale}` : `${value / scale}.${fraction}`
}

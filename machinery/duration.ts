const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}
// An optional point between two runs of digits would try every split of a long number: quadratic.
const form = /^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
const term = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g
/** int64 nanoseconds, as time.Duration holds them. */
const durationMsMax = 2 ** 63 / 1e6

/** Milliseconds (fractions for less) of a Go duration as time.ParseDuration reads it; undefined when it is none. */
export function parseGoDuration(text: string): number | undefined {
  if (!form.test(text)) return undefined
  let total = 0
  // Not matchAll, which makes an expression of its own each time.
  for (let found = term.exec(text); found !== null; found = term.exec(text)) {
    total += Number(found[1]) * (unitMs[found[2] ?? ''] ?? 0)
  }
  if (total >= durationMsMax) return undefined
  return text.startsWith('-') ? -total : total
}

/** As time.Duration.String writes it: `1h0m0s`, `1.5s`, `20ms`, `0s`. */
export function formatGoDuration(durationMs: number): string {
  const nanoseconds = Math.round(Math.abs(durationMs) * 1e6)
  const sign = durationMs < 0 && nanoseconds > 0 ? '-' : ''
  if (nanoseconds === 0) return '0s'
  if (nanoseconds < 1e3) return `${sign}${nanoseconds}ns`
  if (nanoseconds < 1e6) return `${sign}${nanoseconds / 1e3}µs`
  if (nanoseconds < 1e9) return `${sign}${nanoseconds / 1e6}ms`
  return sign + clockForm(nanoseconds)
}

function clockForm(nanoseconds: number): string {
  const minutes = Math.floor(nanoseconds / 60e9)
  const seconds = (nanoseconds - minutes * 60e9) / 1e9
  if (minutes === 0) return `${seconds}s`
  if (minutes < 60) return `${minutes}m${seconds}s`
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}s`
}

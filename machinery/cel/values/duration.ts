import { CelEvaluationError } from '../errors.ts'

export const second = 1_000_000_000n
const unitNs: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
}

const form = /^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
const term = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g

/** Nanoseconds in 64 bits, as time.Duration of Go. */
export class Duration {
  readonly typeName = 'google.protobuf.Duration'
  readonly nanoseconds: bigint

  constructor(nanoseconds: bigint) {
    if (BigInt.asIntN(64, nanoseconds) !== nanoseconds) throw new CelEvaluationError('integer overflow')
    this.nanoseconds = nanoseconds
  }
}

/** Exactly, unlike the milliseconds of machinery/duration.ts; undefined when the text is no duration of Go. */
export function parseDuration(text: string): Duration | undefined {
  if (text.length > 128 || !form.test(text)) return undefined
  let total = 0n
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(term)) {
    const scale = unitNs[unit] ?? 0n
    const decimals = fraction.slice(0, 18)
    total += BigInt(whole || '0') * scale + (BigInt(decimals || '0') * scale) / 10n ** BigInt(decimals.length)
  }
  const nanoseconds = text.startsWith('-') ? -total : total
  return BigInt.asIntN(64, nanoseconds) === nanoseconds ? new Duration(nanoseconds) : undefined
}

/** `string(duration)`: seconds as a decimal. */
export function durationText({ nanoseconds }: Duration): string {
  const magnitude = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const fraction = (magnitude % second).toString().padStart(9, '0').replace(/0+$/, '')
  return `${nanoseconds < 0n ? '-' : ''}${magnitude / second}${fraction && `.${fraction}`}s`
}

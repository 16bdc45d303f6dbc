import type { Measured } from './load.ts'

/** Prints one row of the table. */
export function row(name: string, figures: Readonly<Record<string, string>>): void {
  const text = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`)
  process.stdout.write(`${name.padEnd(34)} ${text.join('  ')}\n`)
}

export function measuredRow(name: string, measured: Measured): void {
  row(name, {
    n: String(measured.count),
    p50: `${measured.p50Ms.toFixed(2)} ms`,
    p99: `${measured.p99Ms.toFixed(2)} ms`,
    cpu: `${measured.cpuMsEach.toFixed(3)} ms each`,
    rate: `${Math.round((measured.count * 1000) / measured.wallMs)}/s`,
  })
}

/** A target of the issue, held against what was measured. Nothing fails here: the reader judges. */
export function target(
  name: string,
  figure: { readonly value: number; readonly max: number; readonly unit: string },
): void {
  const verdict = figure.value <= figure.max ? 'reached' : 'MISSED '
  process.stdout.write(
    `  ${verdict} ${name}: ${figure.value.toFixed(2)} ${figure.unit} (at most ${figure.max} ${figure.unit})\n`,
  )
}

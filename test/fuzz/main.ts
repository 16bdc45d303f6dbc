import { parseArgs } from 'node:util'
import { systemClock } from '../../base/clock.ts'
import { fuzz } from './run.ts'

/** `npm run fuzz [-- --seed N --minutes M]`; `-- --seed N --only INDEX` sends one request of such a run again. */
const { values } = parseArgs({
  options: { seed: { type: 'string' }, minutes: { type: 'string', default: '3' }, only: { type: 'string' } },
})
const seed = Number(values.seed ?? systemClock.now() % 1_000_000)
const endMs = systemClock.monotonic() + Number(values.minutes) * 60_000
process.stdout.write(`seed ${seed}\n`)
const { count, statuses, findings } = await fuzz({
  seed,
  goesOn: () => systemClock.monotonic() < endMs,
  ...(values.only !== undefined && { only: Number(values.only) }),
})
const sorted = [...statuses].sort(([left], [right]) => String(left).localeCompare(String(right)))
process.stdout.write(`${count} requests: ${sorted.map(([code, times]) => `${times} x ${code}`).join(', ')}\n`)
for (const finding of findings) process.stdout.write(`\nFOUND: ${finding}\n`)
process.stdout.write(`${findings.length} findings\n`)
process.exitCode = findings.length > 0 ? 1 : 0

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ServerProcess } from '../test/support/server-process.ts'
import type { GoldenCase } from './golden/golden-case.ts'
import { startGoldenPeers } from './golden/golden-peers.ts'
import { startKubeApiserverStandIn } from './golden/kube-apiserver-stand-in.ts'
import { type Outcome, play } from './golden/play.ts'

/**
 * Plays recorded cases against a standalone server: `npm run golden -- FILE [--area data,stores] [--case NAME]`.
 * Cases whose provider is not on this machine, or that use what is not served yet, are skipped by name.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { area: { type: 'string' }, case: { type: 'string' }, jobs: { type: 'string', default: '8' } },
})

const file = JSON.parse(readFileSync(positionals[0] ?? 'test/vectors/eso-golden.json', 'utf8')) as {
  cases: GoldenCase[]
}
const areas = values.area?.split(',')
const names = values.case?.split(',')
const chosen = file.cases.filter(({ area, name }) => (areas?.includes(area) ?? true) && (names?.includes(name) ?? true))
const counts = { passed: 0, failed: 0, skipped: 0 }

await using peers = await startGoldenPeers(chosen)
const flags = [
  ...['--storage-backend', 'memory', '--refresh-time-granularity', '0s'],
  // The recorded controller believes at once what it does not find, knows no brake and takes over what it is named.
  ...['--adopt', 'always'],
  ...['--missing-confirmation-interval', '200ms', '--deletion-brake-count', '0', '--deletion-brake-percent', '0'],
  ...peers.flags,
]
await using server = await ServerProcess.start(flags)
await using api = server.client()
await using kubeApiserver = await startKubeApiserverStandIn(api, join(server.dataDir, 'pki'))
const places = { ...peers.places, ...kubeApiserver.places }

const queue = chosen.filter((one) => !one.alone)
const work = async (): Promise<void> => {
  for (let golden = queue.shift(); golden; golden = queue.shift()) report(golden, await play(golden, api, places))
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work))
for (const golden of chosen.filter((one) => one.alone)) report(golden, await play(golden, api, places))
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1

function report(golden: GoldenCase, outcome: Outcome): void {
  counts[outcome.result] += 1
  if (outcome.result === 'skipped') process.stdout.write(`skipped ${golden.area}/${golden.name}: ${outcome.reason}\n`)
  if (outcome.result === 'failed') {
    process.stdout.write(`FAILED ${golden.area}/${golden.name}\n  ${outcome.differences.join('\n  ')}\n`)
  }
}

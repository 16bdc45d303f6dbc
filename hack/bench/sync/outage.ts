import { setTimeout as delay } from 'node:timers/promises'
import type { ApiClient } from '../../../test/support/api-client.ts'
import { until } from '../../../test/support/until.ts'
import { notReadyCount } from '../first-sync.ts'
import { intervalMs, unitCount } from './fixtures.ts'
import { isStoreReady, revisionOf, secretsOf } from './observe.ts'
import type { SyncBench, Figure } from './works.ts'

const patience = { patienceMs: 120_000, everyMs: 25 }

/** The provider is down for a while, and comes back. */
export async function outage({ synchronizer: { api }, proxy }: SyncBench, downMs: number): Promise<readonly Figure[]> {
  await delay(intervalMs)
  await settled(api)
  const before = await secretsOf(api)
  proxy.isDown = true
  await delay(2000)
  proxy.calls.length = 0
  await delay(downMs)
  const probes = proxy.calls.length
  const isTold = await isStoreReady(api, 'False')
  const touched = touchedBetween(before, await secretsOf(api))
  proxy.calls.length = 0
  proxy.isDown = false
  const start = performance.now()
  await until(async () => (await isStoreReady(api, 'True')) && (await notReadyCount(api)) === 0, patience)
  const backMs = performance.now() - start
  return [
    { work: `provider down ${downMs / 1000} s: probes a second`, value: (probes * 1000) / downMs, unit: '', max: 1 },
    { work: 'Secrets touched meanwhile', value: touched, unit: '', max: 0 },
    { work: 'stores that do not say so', value: isTold ? 0 : 1, unit: '', max: 0 },
    { work: 'all well after its return', value: backMs / 1000, unit: 's', max: 5 },
    { work: 'provider calls until then', value: proxy.calls.length, unit: '', max: 2 * unitCount },
  ]
}

/** Nothing has been written for a while: what was changed before is in all Secrets. */
async function settled(api: ApiClient): Promise<void> {
  let revision = Number.NaN
  await until(async () => {
    const before = revision
    revision = await revisionOf(api)
    await delay(3000)
    return before === revision
  }, patience)
}

function touchedBetween(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].filter((name) => before.get(name) !== after.get(name)).length
}

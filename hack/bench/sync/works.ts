import { setTimeout as delay } from 'node:timers/promises'
import type { OpenBao } from '../../../test/support/openbao.ts'
import { until } from '../../../test/support/until.ts'
import type { Comparison } from '../compare/table.ts'
import { expect } from '../expect.ts'
import { notReadyCount, secretCount } from '../first-sync.ts'
import { load } from '../load.ts'
import { namespaceManifest, paths } from '../manifests.ts'
import { usageOf } from '../process-usage.ts'
import { encodedValue, extractManifest, intervalMs, tokenManifest, vaultStoreManifest, writeUnits } from './fixtures.ts'
import { isStoreReady, revisionOf } from './observe.ts'
import { isValueRead, type ProviderProxy, type Seen } from './provider-proxy.ts'
import { SecretWatch } from './secret-watch.ts'
import type { Synchronizer } from './synchronizer.ts'

export interface SyncBench {
  readonly synchronizer: Synchronizer
  readonly openBao: OpenBao
  readonly proxy: ProviderProxy
}

/** What was measured of one of them, and what ours has to reach. */
export type Figure = Omit<Comparison, 'ours' | 'peer'> & { readonly value: number }

type Work = (bench: SyncBench) => Promise<readonly Figure[]>

/** In the order in which they are done. */
export const works: readonly Work[] = [initialSync, refreshes, newObjects, forced, memory]

export const initialSyncName = 'initial sync'

/** Far longer than anything takes, but not for ever. */
const patienceMs = 1_800_000

async function initialSync({ synchronizer, proxy }: SyncBench): Promise<readonly Figure[]> {
  const { api, objects, askEveryMs: everyMs } = synchronizer
  const patience = { patienceMs, everyMs }
  expect((await api.post('/api/v1/namespaces', namespaceManifest())).status, 201)
  expect((await api.post(paths.secrets, tokenManifest)).status, 201)
  expect((await api.post(paths.stores, vaultStoreManifest(proxy.url))).status, 201)
  await load([], { count: objects, clients: 16 }, async (index) => {
    expect((await api.post(paths.externalSecrets, extractManifest(`es-${index}`, index))).status, 201)
  })
  proxy.calls.length = 0
  await synchronizer.begin()
  await until(async () => {
    synchronizer.expectRunning()
    return isStoreReady(api, 'True')
  }, patience)
  const start = performance.now()
  await until(async () => (await secretCount(api)) > objects, patience)
  await until(async () => (await notReadyCount(api)) === 0, patience)
  const wallMs = performance.now() - start
  return [
    { work: initialSyncName, value: wallMs / 1000, unit: 's', isOfAmount: true },
    { work: 'initial sync, each object', value: wallMs / objects, unit: 'ms' },
    { work: 'provider calls of it, each object', value: proxy.calls.length / objects, unit: '', max: 0.03 },
  ]
}

/** An interval to come to rest, then two that count. */
async function refreshes({ synchronizer, proxy }: SyncBench): Promise<readonly Figure[]> {
  const { api, pids, objects, sharesReads } = synchronizer
  await delay(intervalMs + 5000)
  const [revision, count, { cpuMs }] = [await revisionOf(api), await synchronizer.refreshes(), usageOf(pids)]
  proxy.calls.length = 0
  await delay(2 * intervalMs)
  const cpuMsOfAll = usageOf(pids).cpuMs - cpuMs
  const calls = proxy.calls.splice(0)
  const done = (await synchronizer.refreshes()) - count
  const writes = (await revisionOf(api)) - revision
  const late = { work: 'off the interval, at most, of any unit', value: lateMs(calls) / 1000, unit: 's', max: 2 }
  return [
    { work: 'provider calls each refresh', value: calls.length / done, unit: '', max: 0.03 },
    { work: 'refreshes that are due, a second', value: (objects * 1000) / intervalMs, unit: '', isOfAmount: true },
    { work: 'refreshes, a second', value: (done * 500) / intervalMs, unit: '', isOfAmount: true },
    ...(sharesReads ? [late] : []),
    { work: 'CPU of a refresh', value: cpuMsOfAll / done, unit: 'ms', timesLess: 50, max: 0.41 },
    { work: 'writes each refresh', value: writes / done, unit: '', max: 0 },
  ]
}

function lateMs(calls: readonly Seen[]): number {
  const last = new Map<string, number>()
  let most = 0
  for (const { path, atMs } of calls.filter((call) => isValueRead(call.path))) {
    const before = last.get(path)
    if (before !== undefined) most = Math.max(most, Math.abs(atMs - before - intervalMs))
    last.set(path, atMs)
  }
  return most
}

async function newObjects({ synchronizer: { api, newcomers } }: SyncBench): Promise<readonly Figure[]> {
  using watch = await SecretWatch.open(api)
  const measured = await load([], newcomers, async (index) => {
    const written = watch.written(`new-${index}`, encodedValue(index, 'first'))
    expect((await api.post(paths.externalSecrets, extractManifest(`new-${index}`, index))).status, 201)
    await written
  })
  return [
    { work: "a new object's first sync during refreshes, p50", value: measured.p50Ms, unit: 'ms' },
    { work: 'the same, p99', value: measured.p99Ms, unit: 'ms', max: 500 },
  ]
}

async function forced({ synchronizer: { api, forced: amount }, openBao }: SyncBench): Promise<readonly Figure[]> {
  using watch = await SecretWatch.open(api)
  // Before the values change: a refresh that is due may bring one before it is forced.
  const written = Array.from({ length: amount.count }, (_, index) =>
    watch.written(`es-${index}`, encodedValue(index, 'second')),
  )
  await writeUnits(openBao, amount.count, 'second')
  const measured = await load([], amount, async (index) => {
    const body = { metadata: { annotations: { 'force-sync': String(performance.now()) } } }
    const patch = { body, contentType: 'application/merge-patch+json' }
    expect((await api.call('PATCH', `${paths.externalSecrets}/es-${index}`, patch)).status, 200)
    await written[index]
  })
  return [{ work: 'a changed value by a forced refresh, p50', value: measured.p50Ms, unit: 'ms', max: 100 }]
}

async function memory({ synchronizer: { controllerPid } }: SyncBench): Promise<readonly Figure[]> {
  return [{ work: 'RssAnon', value: usageOf([controllerPid]).rssAnonMiB, unit: 'MiB', max: 250, isOfAmount: true }]
}

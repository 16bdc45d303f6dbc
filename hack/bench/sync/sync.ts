import { setTimeout as delay } from 'node:timers/promises'
import { type ApiClient, listOf } from '../../../test/support/api-client.ts'
import { type OpenBao, startOpenBao } from '../../../test/support/openbao.ts'
import { ServerProcess } from '../../../test/support/server-process.ts'
import { expect } from '../expect.ts'
import { bareCreates, notReadyCount, readyStatus, secretCount, until } from '../first-sync.ts'
import { load } from '../load.ts'
import { namespaceManifest, paths, storeBecomesOurs } from '../manifests.ts'
import { usageOf } from '../process-usage.ts'
import { extractManifest, seedUnits, tokenManifest, unitCount, vaultStoreManifest, writeUnit } from './fixtures.ts'
import { ProviderProxy } from './provider-proxy.ts'
import { type Measured, syncTable } from './sync-table.ts'

export interface SyncBenchOptions {
  readonly objects: number
  /** Added to every call of the provider. */
  readonly providerDelayMs: number
  /** How long the provider is down; 0 leaves it up. */
  readonly downMs: number
}

interface Bench {
  readonly server: ServerProcess
  readonly api: ApiClient
  readonly openBao: OpenBao
  readonly proxy: ProviderProxy
  readonly options: SyncBenchOptions
}

const intervalMs = 60_000

/** The sync of many ExternalSecrets from OpenBao, each one extract of one of 200 secrets, beside the targets. */
export async function benchSync(options: SyncBenchOptions): Promise<void> {
  const bareMs = await bareCreates(options.objects)
  await using openBao = await startOpenBao()
  await seedUnits(openBao)
  await using proxy = await ProviderProxy.start(openBao.url, options.providerDelayMs)
  await using server = await ServerProcess.start()
  await using api = server.client()
  const bench = { server, api, openBao, proxy, options }
  const rows: Measured[] = []
  for (const work of [(one: Bench) => initialSync(one, bareMs), refreshes, newObjects, forced, memory, outage]) {
    rows.push(...(await work(bench)))
  }
  process.stdout.write(`\n${syncTable(rows)}\n`)
}

async function initialSync({ server, api, proxy, options: { objects } }: Bench, bareMs: number): Promise<Measured[]> {
  expect((await api.post('/api/v1/namespaces', namespaceManifest())).status, 201)
  expect((await api.post(paths.secrets, tokenManifest)).status, 201)
  expect((await api.post(paths.stores, vaultStoreManifest(proxy.url))).status, 201)
  await load([server.pid], { count: objects, clients: 16 }, async (index) => {
    expect((await api.post(paths.externalSecrets, extractManifest(`es-${index}`, index, '60s'))).status, 201)
  })
  const ours = { body: storeBecomesOurs, contentType: 'application/merge-patch+json' }
  expect((await api.call('PATCH', `${paths.stores}/store`, ours)).status, 200)
  await until(() => isStoreReady(api, 'True'))
  const start = performance.now()
  await until(async () => (await secretCount(api)) > objects)
  await until(async () => (await notReadyCount(api)) === 0)
  const wallMs = performance.now() - start
  return [
    { what: `initial sync of ${objects}`, value: wallMs / 1000, unit: 's' },
    { what: 'bare creates of as many Secrets', value: bareMs / 1000, unit: 's' },
    { what: 'initial sync / bare creates', value: wallMs / bareMs, unit: 'x', max: 1.5 },
    { what: 'provider calls of it, each object', value: proxy.calls.length / objects, unit: '', max: 0.03 },
  ]
}

/** An interval to come to rest, then two that count. */
async function refreshes({ server, api, proxy, options: { objects } }: Bench): Promise<Measured[]> {
  await delay(intervalMs + 5000)
  const [before, revision] = [usageOf([server.pid]).cpuMs, await revisionOf(api)]
  proxy.calls.length = 0
  await delay(2 * intervalMs)
  const passes = 2 * objects
  const writes = (await revisionOf(api)) - revision
  return [
    { what: 'provider calls each object and pass', value: proxy.calls.length / passes, unit: '', max: 0.03 },
    { what: 'off the interval, at most, of any unit', value: lateMs(proxy) / 1000, unit: 's', max: 2 },
    { what: 'CPU of a refresh', value: (usageOf([server.pid]).cpuMs - before) / passes, unit: 'ms', max: 0.41 },
    { what: 'writes in two intervals', value: writes, unit: '' },
  ]
}

function lateMs({ calls }: ProviderProxy): number {
  const last = new Map<string, number>()
  let most = 0
  for (const { path, atMs } of calls.filter((call) => call.path.includes('/unit-'))) {
    const before = last.get(path)
    if (before !== undefined) most = Math.max(most, Math.abs(atMs - before - intervalMs))
    last.set(path, atMs)
  }
  return most
}

async function newObjects({ server, api }: Bench): Promise<Measured[]> {
  const measured = await load([server.pid], { count: 200, clients: 2 }, async (index) => {
    expect((await api.post(paths.externalSecrets, extractManifest(`new-${index}`, index, '60s'))).status, 201)
    await until(async () => (await api.get(`${paths.secrets}/new-${index}`)).status === 200)
  })
  return [
    { what: "a new object's first sync during refreshes, p50", value: measured.p50Ms, unit: 'ms' },
    { what: 'the same, p99', value: measured.p99Ms, unit: 'ms', max: 500 },
  ]
}

async function forced({ server, api, openBao }: Bench): Promise<Measured[]> {
  for (let index = 0; index < unitCount; index += 1) await writeUnit(openBao, index, 'second')
  const measured = await load([server.pid], { count: 50, clients: 1 }, async (index) => {
    const body = { metadata: { annotations: { 'force-sync': String(performance.now()) } } }
    const patch = { body, contentType: 'application/merge-patch+json' }
    expect((await api.call('PATCH', `${paths.externalSecrets}/es-${index}`, patch)).status, 200)
    const wanted = btoa(`second-${index}-0`)
    await until(async () => (await api.get(`${paths.secrets}/es-${index}`)).text.includes(wanted))
  })
  return [{ what: 'a changed value by a forced refresh, p50', value: measured.p50Ms, unit: 'ms', max: 100 }]
}

async function memory({ server }: Bench): Promise<Measured[]> {
  return [{ what: 'RssAnon', value: usageOf([server.pid]).rssAnonMiB, unit: 'MiB', max: 250 }]
}

async function outage({ api, proxy, options: { downMs } }: Bench): Promise<Measured[]> {
  if (downMs === 0) return []
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
  await until(async () => (await isStoreReady(api, 'True')) && (await notReadyCount(api)) === 0)
  const backMs = performance.now() - start
  return [
    { what: `provider down ${downMs / 1000} s: probes a second`, value: (probes * 1000) / downMs, unit: '', max: 1 },
    { what: 'Secrets touched meanwhile', value: touched, unit: '', max: 0 },
    { what: 'stores that do not say so', value: isTold ? 0 : 1, unit: '', max: 0 },
    { what: 'all well after its return', value: backMs / 1000, unit: 's', max: 5 },
    { what: 'provider calls until then', value: proxy.calls.length, unit: '', max: 2 * unitCount },
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
  })
}

async function isStoreReady(api: ApiClient, status: 'True' | 'False'): Promise<boolean> {
  return readyStatus((await api.get(`${paths.stores}/store`)).json) === status
}

async function revisionOf(api: ApiClient): Promise<number> {
  return Number((await api.get(`${paths.secrets}?limit=1`)).json['metadata']?.['resourceVersion'] ?? 0)
}

/** The version of each Secret, by name. */
async function secretsOf(api: ApiClient): Promise<ReadonlyMap<string, string>> {
  const { json } = await api.get(paths.secrets)
  return new Map(
    listOf(json['items']).map(({ metadata }) => [String(metadata?.['name']), String(metadata?.['resourceVersion'])]),
  )
}

function touchedBetween(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].filter((name) => before.get(name) !== after.get(name)).length
}

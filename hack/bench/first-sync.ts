import { setTimeout as delay } from 'node:timers/promises'
import { type ApiClient, type Json, listOf } from '../../test/support/api-client.ts'
import { ServerProcess } from '../../test/support/server-process.ts'
import { expect } from './expect.ts'
import { load } from './load.ts'
import { namespaceManifest, paths, secretManifest, storeBecomesOurs } from './manifests.ts'
import { usageOf } from './process-usage.ts'
import { measuredRow, row, target } from './report.ts'

/**
 * `count` ExternalSecrets wait for their store; the clock runs from the moment it turns Ready until the last one is
 * synced. The yardstick is the time the same number of bare Secret creates take through the same API, by 16 clients, on
 * a server of its own.
 */
export async function benchFirstSync(server: ServerProcess, api: ApiClient, count: number): Promise<void> {
  const bareMs = await bareCreates(count)
  const before = usageOf([server.pid])
  const ours = { body: storeBecomesOurs, contentType: 'application/merge-patch+json' }
  expect((await api.call('PATCH', `${paths.stores}/store`, ours)).status, 200)
  await until(async () => readyStatus((await api.get(`${paths.stores}/store`)).json) === 'True')
  const start = performance.now()
  await until(async () => (await secretCount(api)) >= count)
  await until(async () => (await notReadyCount(api)) === 0)
  const wallMs = performance.now() - start
  const after = usageOf([server.pid])
  row(`first sync of ${count}`, {
    wall: `${(wallMs / 1000).toFixed(2)} s`,
    cpu: `${((after.cpuMs - before.cpuMs) / count).toFixed(3)} ms each`,
    'bare creates': `${(bareMs / 1000).toFixed(2)} s`,
  })
  target('first syncs against bare creates', { value: wallMs / bareMs, max: 1.5, unit: 'x' })
  row('memory with them synced', {
    RssAnon: `${after.rssAnonMiB.toFixed(0)} MiB`,
    RssFile: `${after.rssFileMiB.toFixed(0)} MiB`,
  })
  target('RssAnon', { value: after.rssAnonMiB, max: 250, unit: 'MiB' })
}

export async function bareCreates(count: number): Promise<number> {
  await using server = await ServerProcess.start()
  await using api = server.client()
  expect((await api.post('/api/v1/namespaces', namespaceManifest())).status, 201)
  const create = async (index: number): Promise<void> =>
    expect((await api.post(paths.secrets, secretManifest(`bare-${index}`))).status, 201)
  const measured = await load([server.pid], { count, clients: 16 }, create)
  measuredRow('create Secret, 16 clients', measured)
  return measured.wallMs
}

export async function secretCount(api: ApiClient): Promise<number> {
  const { json } = await api.get(`${paths.secrets}?limit=1`)
  return Number(json['metadata']?.['remainingItemCount'] ?? 0) + listOf(json['items']).length
}

export async function notReadyCount(api: ApiClient): Promise<number> {
  const { json } = await api.get(paths.externalSecrets)
  return listOf(json['items']).filter((object) => readyStatus(object) !== 'True').length
}

export function readyStatus(object: Json): string | undefined {
  const ready = listOf(object['status']?.['conditions']).find((condition) => String(condition['type']) === 'Ready')
  return ready && String(ready['status'])
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('nothing came of it in two minutes')
    await delay(25)
  }
}

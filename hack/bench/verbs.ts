import { join } from 'node:path'
import type { ApiClient, Json } from '../../test/support/api-client.ts'
import type { ServerProcess } from '../../test/support/server-process.ts'
import { withBareRoute } from './bare-route-process.ts'
import { load } from './load.ts'
import { externalSecretManifest, paths } from './manifests.ts'
import { measuredRow, target } from './report.ts'

/** Create, get (beside the bare route) and status update of single objects; leaves `count` ExternalSecrets behind. */
export async function benchVerbs(server: ServerProcess, api: ApiClient, count: number): Promise<void> {
  const send = async (index: number): Promise<void> => {
    expect((await api.post(paths.externalSecrets, externalSecretManifest(`es-${index}`, index))).status, 201)
  }
  for (let index = count; index < count + 500; index += 1) await send(index)
  const created = await load(server.pid, { count, clients: 16 }, send)
  measuredRow('create ExternalSecret, 16 clients', created)
  target('CPU of a durable create', { value: created.cpuMsEach, max: 0.5, unit: 'ms' })
  await benchGet(server, api)
  await benchStatus(server, api)
}

async function benchGet(server: ServerProcess, api: ApiClient): Promise<void> {
  const path = `${paths.externalSecrets}/es-7`
  const sample = await api.get(path)
  const amount = { count: 8_000, clients: 8 }
  await withBareRoute({ body: Buffer.from(sample.text), pki: join(server.dataDir, 'pki') }, async (bare) => {
    const get = async (): Promise<void> => expect((await api.get(path)).status, 200)
    const getBare = async (): Promise<void> => expect((await bare.client.get('/object')).status, 200)
    await load(server.pid, amount, get)
    await load(bare.pid, amount, getBare)
    const ratios: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const ours = await load(server.pid, amount, get)
      const theirs = await load(bare.pid, amount, getBare)
      measuredRow(`get, round ${round + 1}`, ours)
      measuredRow(`bare Fastify TLS route, round ${round + 1}`, theirs)
      ratios.push(ours.cpuMsEach / theirs.cpuMsEach)
    }
    const median = ratios.toSorted((a, b) => a - b)[1] ?? 0
    target('CPU of a get against the bare route', { value: median, max: 1.5, unit: 'x' })
  })
}

async function benchStatus(server: ServerProcess, api: ApiClient): Promise<void> {
  const count = 2_000
  const measured = await load(server.pid, { count, clients: 16 }, async (index) => {
    const path = `${paths.externalSecrets}/es-${index}`
    const { json } = await api.get(path)
    const condition = { type: 'Ready', status: 'False', reason: 'SecretSyncedError', message: `round ${index}` }
    const body = { ...(json as unknown as Record<string, Json>), status: { conditions: [condition] } }
    expect((await api.call('PUT', `${path}/status`, { body })).status, 200)
  })
  measuredRow('get and update status', measured)
}

export function expect(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`the server answered ${actual} instead of ${expected}`)
}

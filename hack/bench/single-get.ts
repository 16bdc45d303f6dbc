import { join } from 'node:path'
import type { ApiClient } from '../../test/support/api-client.ts'
import type { ServerProcess } from '../../test/support/server-process.ts'
import { withBareRoute } from './bare-route-process.ts'
import { expect } from './expect.ts'
import { load } from './load.ts'
import { paths } from './manifests.ts'
import { measuredRow, target } from './report.ts'

/** One object read over and over, beside a bare Fastify route that sends the same bytes. */
export async function benchSingleGet(server: ServerProcess, api: ApiClient): Promise<void> {
  const path = `${paths.externalSecrets}/es-7`
  const sample = await api.get(path)
  const amount = { count: 8_000, clients: 8 }
  await withBareRoute({ body: Buffer.from(sample.text), pki: join(server.dataDir, 'pki') }, async (bare) => {
    const get = async (): Promise<void> => expect((await api.get(path)).status, 200)
    const getBare = async (): Promise<void> => expect((await bare.client.get('/object')).status, 200)
    await load([server.pid], amount, get)
    await load([bare.pid], amount, getBare)
    const ratios: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const ours = await load([server.pid], amount, get)
      const theirs = await load([bare.pid], amount, getBare)
      measuredRow(`get, round ${round + 1}`, ours)
      measuredRow(`bare Fastify TLS route, round ${round + 1}`, theirs)
      ratios.push(ours.cpuMsEach / theirs.cpuMsEach)
    }
    const median = ratios.toSorted((a, b) => a - b)[1] ?? 0
    target('CPU of a get against the bare route', { value: median, max: 1.5, unit: 'x' })
  })
}

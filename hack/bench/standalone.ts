import { ServerProcess } from '../../test/support/server-process.ts'
import { expect } from './expect.ts'
import { benchFirstSync } from './first-sync.ts'
import { load } from './load.ts'
import { externalSecretManifest, namespaceManifest, paths, storeManifest } from './manifests.ts'
import { benchSingleGet } from './single-get.ts'

/** What only our server does, or what it is held against something else than the peer for. */
export const standaloneWorks = ['bare-route', 'first-sync']

export async function benchStandalone({
  chosen,
  objects,
}: {
  readonly chosen: ReadonlySet<string>
  readonly objects: number
}): Promise<void> {
  await using server = await ServerProcess.start()
  await using api = server.client()
  await api.post('/api/v1/namespaces', namespaceManifest())
  await api.post(paths.stores, storeManifest())
  await load([server.pid], { count: objects, clients: 16 }, async (index) => {
    expect((await api.post(paths.externalSecrets, externalSecretManifest(`es-${index}`, index))).status, 201)
  })
  if (chosen.has('bare-route')) await benchSingleGet(server, api)
  if (chosen.has('first-sync')) await benchFirstSync(server, api, objects)
}

import t from 'tap'
import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { openSyncCluster } from '../../test/support/sync-cluster.ts'
import { TestProvider } from '../../test/support/sync-doubles.ts'
import { createSyncer } from '../syncer.ts'
import { fencedClients } from './fenced-clients.ts'

const v1 = 'external-secrets.io/v1'
const namespace = 'default'
const target = '/api/v1/namespaces/default/secrets/es'

t.test('no write is begun behind the fence, and every update of a Secret says what it was planned from', async (t) => {
  const clock = new ManualClock()
  const writes: string[] = []
  const versions: (string | undefined)[] = []
  const recorded = <T extends KubeObject>(plural: string, client: ResourceClient<T>): ResourceClient<T> => ({
    ...client,
    create: (object, options) => {
      writes.push(plural)
      return client.create(object, options)
    },
    update: (object, options) => {
      writes.push(plural)
      if (plural === 'secrets') versions.push(object.metadata.resourceVersion)
      return client.update(object, options)
    },
    updateStatus: (object, options) => {
      writes.push(plural)
      return client.updateStatus(object, options)
    },
  })
  const { provider } = new TestProvider()
  await using cluster = await openSyncCluster({ clock, loadProvider: async () => provider, between: recorded })
  let mayWrite = false
  const clients = fencedClients(cluster.config.clients, () => mayWrite)
  const ending = new AbortController()
  const running = createSyncer({ ...cluster.config, clients }).run(ending.signal)
  const spec = { provider: { fake: { data: [{ key: 'k', value: 'v' }] } } }
  const data = [{ secretKey: 'k', remoteRef: { key: 'k' } }]
  await cluster.apply(
    { apiVersion: v1, kind: 'SecretStore', metadata: { name: 's', namespace }, spec },
    {
      apiVersion: v1,
      kind: 'ExternalSecret',
      metadata: { name: 'es', namespace },
      spec: { secretStoreRef: { name: 's' }, data },
    },
  )
  await clock.advance(60_000)
  t.same(writes, [])

  mayWrite = true
  await clock.advance(600_000)
  t.match(await cluster.read(target), { data: { k: String } })
  await cluster.patch(target, { data: { k: 'AA==' } })
  const { metadata } = (await cluster.read(target)) as unknown as KubeObject
  await clock.advance(1000)
  t.same(versions, [metadata.resourceVersion])
  ending.abort()
  await running
})

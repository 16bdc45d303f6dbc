import t from 'tap'
import type { DeleteOptions, ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { openSyncCluster, type SyncCluster } from '../../test/support/sync-cluster.ts'
import { Counter, TestProvider } from '../../test/support/sync-doubles.ts'

const v1 = 'external-secrets.io/v1'
const secretsPath = '/api/v1/namespaces/a/secrets'
const intervalMs = 300_000
/** Less than one turn of the drift check. */
const settledMs = 4000

interface Poured extends AsyncDisposable {
  readonly clock: ManualClock
  readonly cluster: SyncCluster
  readonly counter: Counter
  readonly provider: TestProvider
}

type BeforeDeletion = (cluster: SyncCluster, options: DeleteOptions) => Promise<void>

/** One ExternalSecret whose target `es` was poured. */
async function poured(beforeDeletion?: BeforeDeletion): Promise<Poured> {
  const clock = new ManualClock()
  const counter = new Counter()
  const provider = new TestProvider()
  const loadProvider = async () => provider.provider
  const between = <T extends KubeObject>(plural: string, client: ResourceClient<T>): ResourceClient<T> =>
    counter.between(plural, {
      ...client,
      delete: async (at, options = {}) => {
        if (plural === 'secrets') await beforeDeletion?.(cluster, options)
        return client.delete(at, options)
      },
    })
  const cluster: SyncCluster = await openSyncCluster({ clock, loadProvider, between, byName: true })
  cluster.start()
  await cluster.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } },
    {
      apiVersion: v1,
      kind: 'SecretStore',
      metadata: { name: 's', namespace: 'a' },
      spec: { provider: { fake: { data: [{ key: 'k', value: 'v' }] } } },
    },
    {
      apiVersion: v1,
      kind: 'ExternalSecret',
      metadata: { name: 'es', namespace: 'a' },
      spec: {
        secretStoreRef: { name: 's' },
        refreshInterval: '1h',
        data: [{ secretKey: 'k', remoteRef: { key: 'k' } }],
      },
    },
  )
  await clock.advance(settledMs)
  return { clock, cluster, counter, provider, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() }
}

t.test('a Secret is created without a look, and Secrets are neither listed nor watched', async (t) => {
  await using it = await poured()
  t.match(await it.cluster.read(`${secretsPath}/es`), { data: { k: String } })
  t.same(
    it.counter.calls.filter((call) => call.endsWith(' secrets')),
    ['create secrets'],
  )
  t.same(it.counter.watched, [])
})

t.test('a syncer that begins anew looks at what stands, and asks no provider for it', async (t) => {
  await using it = await poured()
  await it.cluster.stop()
  it.provider.reads.length = 0
  it.counter.calls.length = 0
  it.cluster.start()
  await it.clock.advance(settledMs)
  t.same(it.provider.reads, [])
  t.same(
    it.counter.calls.filter((call) => call.endsWith(' secrets')),
    ['get secrets'],
  )
})

t.test('a round of drift checks reads each target once, and repairs what was changed or deleted', async (t) => {
  await using it = await poured()
  it.counter.calls.length = 0
  await it.clock.advance(intervalMs)
  const gets = it.counter.calls.filter((call) => call === 'get secrets')
  t.equal(gets.length, 1)
  await it.cluster.patch(`${secretsPath}/es`, { data: { k: 'AA==' } })
  await it.clock.advance(intervalMs)
  t.equal(Buffer.from(await value(it.cluster), 'base64').toString(), 'k as nobody')
  await it.cluster.api.call(`DELETE ${secretsPath}/es`)
  await it.clock.advance(intervalMs)
  t.equal(Buffer.from(await value(it.cluster), 'base64').toString(), 'k as nobody')
})

t.test('a target of another name takes the place of the one that the status names, over a new beginning', async (t) => {
  await using it = await poured()
  await it.cluster.stop()
  await it.cluster.patch(`/apis/${v1}/namespaces/a/externalsecrets/es`, { spec: { target: { name: 'other' } } })
  it.cluster.start()
  await it.clock.advance(settledMs)
  t.equal((await it.cluster.api.call(`GET ${secretsPath}/other`)).code, 200)
  t.equal((await it.cluster.api.call(`GET ${secretsPath}/es`)).code, 404)
})

t.test('what changes while it is to go is looked at again, and goes only while it is still ours', async (t) => {
  const replaced = async (labels: Readonly<Record<string, string>>) => {
    const versions: (string | undefined)[] = []
    await using it = await poured(async (cluster, { resourceVersion }) => {
      if (versions.push(resourceVersion) > 1) return
      await cluster.patch(`${secretsPath}/es`, { metadata: { labels, ownerReferences: null } })
    })
    await it.cluster.patch(`/apis/${v1}/namespaces/a/externalsecrets/es`, { spec: { target: { name: 'other' } } })
    await it.clock.advance(settledMs)
    t.equal((await it.cluster.api.call(`GET ${secretsPath}/other`)).code, 200)
    return { versions, code: (await it.cluster.api.call(`GET ${secretsPath}/es`)).code }
  }
  const ours = await replaced({ mine: 'too' })
  t.match(ours, { versions: [String, String], code: 404 })
  t.not(ours.versions[0], ours.versions[1], 'each deletion says what it was planned from')
  t.match(await replaced({ 'reconcile.external-secrets.io/created-by': 'another' }), { versions: [String], code: 200 })
})

async function value(cluster: SyncCluster): Promise<string> {
  const { data } = (await cluster.read(`${secretsPath}/es`)) as unknown as { readonly data: { readonly k: string } }
  return data.k
}

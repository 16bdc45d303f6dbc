import t from 'tap'
import { Metrics } from '../base/metrics.ts'
import { ProviderError } from '../providers/errors.ts'
import { ManualClock } from '../test/support/manual-clock.ts'
import { type Manifest, openSyncCluster, type SyncCluster } from '../test/support/sync-cluster.ts'
import { Counter, TestProvider } from '../test/support/sync-doubles.ts'
import { until } from '../test/support/until.ts'
import { SyncMetrics } from './known/sync-metrics.ts'

/** Whole minutes go by step by step; on a busy machine that takes a while. */
t.setTimeout(180_000)

const v1 = 'external-secrets.io/v1'
const minuteMs = 60_000
const unitCount = 10
const objectCount = 40

t.test('each unit is read once an interval for all its specs, at its own moment, over restarts too', async (t) => {
  const clock = new ManualClock()
  const counter = new Counter()
  const fake = new TestProvider({ clock })
  await using cluster = await openSyncCluster({
    clock,
    between: counter.between,
    loadProvider: async () => fake.provider,
  })
  await cluster.apply(namespace, aStore, ...Array.from({ length: objectCount }, (_, index) => anExtract(index)))
  cluster.start()
  await until(async () => (await syncedCount(cluster)) === objectCount)
  t.equal(fake.reads.length, unitCount, 'the first sync shares its reads')

  const moments = await momentsOf(fake, () => clock.advance(5 * minuteMs))
  counter.calls.length = 0
  t.equal(moments.length, 5 * unitCount)
  t.same(new Set(moments).size, unitCount, 'every unit at the same moment of every minute')
  t.ok(new Set(moments.map((moment) => moment.split(' ')[1])).size > 1, 'and not all at once')

  await clock.advance(3 * minuteMs)
  t.same(apiCalls(counter), [], 'nothing is asked of the cluster, by nobody')

  const metrics = cluster.config.metrics.render()
  t.match(metrics, 'externalsecret_sync_calls_total{name="es-0",namespace="a"} ')
  t.match(metrics, 'externalsecret_status_condition{name="es-0",namespace="a",condition="Ready",status="True"} 1')
  t.match(metrics, 'externalsecret_status_condition{name="es-0",namespace="a",condition="Ready",status="False"} 0')
  t.match(metrics, 'secretstore_status_condition{name="s",namespace="a",condition="Ready",status="True"} 1')
  t.match(metrics, /^secretstore_reconcile_duration\{name="s",namespace="a"\} \d+$/m)
  t.match(
    metrics,
    `externalsecret_provider_api_calls_count{provider="fake",call="read",status="success"} ${fake.reads.length}`,
  )
  t.notMatch(metrics, 'unit-', 'no keys and no values')
  await cluster.api.call(`DELETE /apis/${v1}/namespaces/a/externalsecrets/es-39`)
  await until(async () => !cluster.config.metrics.render().includes('"es-39"'))

  await cluster.stop()
  cluster.start()
  await clock.advance(2 * minuteMs)
  const afterwards = await momentsOf(fake, () => clock.advance(3 * minuteMs))
  t.same(new Set(afterwards), new Set(moments), 'a restart moves nothing')
  t.equal(afterwards.length, 3 * unitCount)
})

t.test('what somebody else says of an object is no series, and nothing of it stays', async (t) => {
  const metrics = new Metrics()
  const told = new SyncMetrics(metrics)
  const status = { conditions: ['Ready', 'Odd'].map((type) => ({ type, status: 'Unknown' })) }
  const store = { metadata: { name: 's' }, status }
  told.conditions('ClusterSecretStore', store)
  t.match(
    metrics.render(),
    'clustersecretstore_status_condition{name="s",namespace="",condition="Ready",status="Unknown"} 1',
  )
  told.forget('ClusterSecretStore', store)
  told.conditions('ClusterSecretStore', { ...store, status: { conditions: [{ type: 'Ready', status: 'odd' }] } })
  t.notMatch(metrics.render(), 'condition=')
})

t.test('a restart long after the last refresh reads each unit once', async (t) => {
  const clock = new ManualClock()
  const fake = new TestProvider({ clock })
  await using cluster = await openSyncCluster({ clock, loadProvider: async () => fake.provider })
  await cluster.apply(namespace, aStore, ...Array.from({ length: objectCount }, (_, index) => anExtract(index, '1h')))
  cluster.start()
  await until(async () => (await syncedCount(cluster)) === objectCount)
  await cluster.stop()
  await clock.advance(100 * minuteMs)
  fake.reads.length = 0
  cluster.start()
  await clock.advance(1000)
  t.equal(fake.reads.length, unitCount)
})

t.test(
  'a first sync reads each unit once, however long it takes, and anew for whatever changes meanwhile',
  async (t) => {
    const { clock, fake, cluster, writeMs } = await openSlowCluster()
    await using _ = cluster
    await cluster.apply(namespace, ...Array.from({ length: objectCount }, (_, index) => anExtract(index, '1h')))
    cluster.start()
    await clock.advance(1000)
    await cluster.apply(aStore)
    await clock.advance(objectCount * (writeMs / 8))
    const half = await syncedCount(cluster)
    t.ok(half > 2 * unitCount - 5 && half < objectCount, `half of them after the values were ten seconds old: ${half}`)
    t.equal(fake.reads.length, unitCount)

    const waiting = `/apis/${v1}/namespaces/a/externalsecrets/es-${objectCount - 1}`
    await cluster.patch(waiting, { metadata: { annotations: { 'force-sync': '1' } } })
    await cluster.apply(anExtract(objectCount + 1, '1h'))
    await clock.advance(objectCount * writeMs)
    t.equal(await syncedCount(cluster), objectCount + 1)
    const counts = Array.from({ length: unitCount }, (_, unit) => readCount(fake, unit))
    t.same(counts, [1, 2, 1, 1, 1, 1, 1, 1, 1, 2], 'one more for the new one, one more for the forced one')
  },
)

t.test('what is shared for long is never older than the interval of whoever takes it', async (t) => {
  const { clock, fake, cluster, writeMs } = await openSlowCluster()
  await using _ = cluster
  const once = (index: number): Manifest => {
    const { spec, ...object } = anExtract(index, '15s')
    return { ...object, spec: { ...(spec as object), refreshPolicy: 'CreatedOnce' } }
  }
  await cluster.apply(namespace, aStore, ...Array.from({ length: objectCount }, (_, index) => once(index)))
  cluster.start()
  await clock.advance(objectCount * writeMs)
  t.equal(await syncedCount(cluster), objectCount)
  const times = (unit: number): number[] =>
    fake.readTimes.filter((_, read) => fake.reads[read]?.startsWith(`unit-${unit} `))
  for (let unit = 0; unit < unitCount; unit += 1) {
    const [first = 0, second = 0, ...more] = times(unit)
    t.ok(second - first > 15_000 && more.length === 0, `unit ${unit}: again after ${second - first} ms, and no more`)
  }
})

t.test('what a user changes or forces is read at once, whatever the phase', async (t) => {
  const clock = new ManualClock()
  const fake = new TestProvider({ clock })
  await using cluster = await openSyncCluster({ clock, loadProvider: async () => fake.provider })
  await cluster.apply(namespace, aStore, anExtract(0, '1h'))
  cluster.start()
  await until(async () => (await syncedCount(cluster)) === 1)
  for (const change of [{ metadata: { annotations: { 'force-sync': '1' } } }, { spec: { refreshInterval: '2h' } }]) {
    await clock.advance(1000)
    fake.reads.length = 0
    await cluster.patch(`/apis/${v1}/namespaces/a/externalsecrets/es-0`, change)
    await until(async () => fake.reads.length === 1)
  }
  t.equal(fake.reads.length, 1)
})

t.test('a provider that is down is probed by one, no Secret is touched, and all are well soon after it', async (t) => {
  const clock = new ManualClock()
  const counter = new Counter()
  const fake = new TestProvider({ clock })
  await using cluster = await openSyncCluster({
    clock,
    between: counter.between,
    loadProvider: async () => fake.provider,
  })
  await cluster.apply(namespace, aStore, ...Array.from({ length: objectCount }, (_, index) => anExtract(index)))
  cluster.start()
  await until(async () => (await syncedCount(cluster)) === objectCount)
  await clock.advance(minuteMs)

  fake.failure = new ProviderError('unavailable', 'nobody there')
  fake.tries.length = 0
  counter.calls.length = 0
  await clock.advance(70_000)
  const seconds = fake.tries.map((atMs) => Math.floor(atMs / 1000))
  t.ok(seconds.length > 30, 'somebody looks')
  const atOnce = seconds.filter((second) => second === seconds[0]).length
  t.ok(seconds.length - atOnce <= 70 && atOnce <= 3 * unitCount, 'those who were at it, then at most one a second')
  t.equal(storeStatus(await cluster.read(storePath)), 'False', 'the store says so')
  t.same(
    apiCalls(counter).filter((call) => call.includes('secrets') && !call.includes('externalsecrets')),
    [],
  )

  fake.failure = undefined
  fake.reads.length = 0
  await clock.advance(5000)
  t.equal(await syncedCount(cluster), objectCount)
  t.ok(fake.reads.length >= unitCount && fake.reads.length <= 2 * unitCount, 'without a herd')
  t.equal(storeStatus(await cluster.read(storePath)), 'True')
})

t.test('a token that turned bad shows at the store at once, and only the store asks again', async (t) => {
  const clock = new ManualClock()
  const fake = new TestProvider({ clock })
  await using cluster = await openSyncCluster({ clock, loadProvider: async () => fake.provider })
  await cluster.apply(namespace, aStore, ...Array.from({ length: objectCount }, (_, index) => anExtract(index)))
  cluster.start()
  await until(async () => (await syncedCount(cluster)) === objectCount)
  await clock.advance(minuteMs)
  fake.failure = new ProviderError('denied', 'permission denied')
  await cluster.patch(`/apis/${v1}/namespaces/a/externalsecrets/es-0`, { metadata: { annotations: { force: '1' } } })
  await clock.advance(1000)
  t.equal(storeStatus(await cluster.read(storePath)), 'False')
  fake.tries.length = 0
  await clock.advance(5 * minuteMs)
  t.ok(fake.tries.length < 20, 'less and less often')
})

/** Four are worked on at once, and each write of a Secret takes four seconds. */
async function openSlowCluster() {
  const clock = new ManualClock()
  const fake = new TestProvider({ clock })
  const writeMs = 4000
  const cluster = await openSyncCluster({
    clock,
    options: { workers: 8 },
    loadProvider: async () => fake.provider,
    between: (plural, client) => {
      if (plural !== 'secrets') return client
      const create: typeof client.create = async (...parameters) => {
        await clock.sleep(writeMs)
        return client.create(...parameters)
      }
      return { ...client, create }
    },
  })
  return { clock, fake, cluster, writeMs }
}

function readCount(fake: TestProvider, unit: number): number {
  return fake.reads.filter((text) => text.startsWith(`unit-${unit} `)).length
}

const storePath = `/apis/${v1}/namespaces/a/secretstores/s`

function storeStatus(store: object): string | undefined {
  const { status } = store as { status?: { conditions?: { status: string }[] } }
  return status?.conditions?.[0]?.status
}

const namespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }

const aStore: Manifest = {
  apiVersion: v1,
  kind: 'SecretStore',
  metadata: { name: 's', namespace: 'a' },
  spec: { provider: { fake: { data: [] } } },
}

function anExtract(index: number, refreshInterval = '1m'): Manifest {
  return {
    apiVersion: v1,
    kind: 'ExternalSecret',
    metadata: { name: `es-${index}`, namespace: 'a' },
    spec: {
      refreshInterval,
      secretStoreRef: { name: 's' },
      data: [{ secretKey: 'a', remoteRef: { key: `unit-${index % unitCount}` } }],
    },
  }
}

/** Which key was read at which second of a minute, while time goes on. */
async function momentsOf(fake: TestProvider, wait: () => Promise<void>): Promise<string[]> {
  const before = fake.reads.length
  await wait()
  const [reads, times] = [fake.reads.slice(before), fake.readTimes.slice(before)]
  return reads.map((text, index) => `${text.split(' ')[0]} ${((times[index] ?? 0) / 1000) % 60}`)
}

/** Stores are judged every five minutes, and that is theirs. */
function apiCalls(counter: Counter): string[] {
  return counter.calls.filter((call) => !call.includes('store'))
}

async function syncedCount(cluster: SyncCluster): Promise<number> {
  const list = await cluster.read(`/apis/${v1}/namespaces/a/externalsecrets`)
  return list['items'] instanceof Array
    ? list['items'].filter((item) => JSON.stringify(item).includes('SecretSynced"')).length
    : 0
}

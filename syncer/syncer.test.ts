import t from 'tap'
import { ProviderError } from '../providers/errors.ts'
import { ManualClock } from '../test/support/manual-clock.ts'
import { type Manifest, openSyncCluster } from '../test/support/sync-cluster.ts'
import { Counter, TestProvider } from '../test/support/sync-doubles.ts'
import {
  aStore,
  anExternalSecret,
  credentials,
  encoded,
  events,
  namespace,
  path,
  secret,
  status,
  told,
} from '../test/support/sync-manifests.ts'
import { until } from '../test/support/until.ts'

t.test('an ExternalSecret that waits for its store is synced as soon as the store is there', async (t) => {
  await using cluster = await openSyncCluster({ options: { retryFirstMs: 600_000, retryMaxMs: 600_000 } })
  cluster.start()
  await cluster.apply(namespace('a'), anExternalSecret('es'))
  await until(async () => (await status(cluster, 'es'))?.includes('SecretSyncedError') ?? false)
  await cluster.apply(aStore({ k: 'v' }))
  await until(async () => (await secret(cluster, 'es')) !== undefined)
  await until(async () => (await status(cluster, 'es'))?.includes('SecretSynced"') ?? false)
  await until(() => told(cluster, ['secret created', 'UpdateFailed']))
  t.match(await events(cluster), [
    'Normal Created secret created',
    /^Warning UpdateFailed error processing spec\.data\[0\] \(key: k\), err: could not get SecretStore "s"/,
  ])
})

t.test('a generator makes values at every pass, and a login that is not served is in the condition', async (t) => {
  await using cluster = await openSyncCluster({ options: { retryFirstMs: 600_000, retryMaxMs: 600_000 } })
  cluster.start()
  const generators = 'generators.external-secrets.io/v1alpha1'
  const place = { name: 'g', namespace: 'a' }
  const gcr = { projectID: 'p', auth: { workloadIdentityFederation: { audience: 'a' } } }
  const renamed = { rewrite: [{ regexp: { source: '^uuid$', target: 'a' } }] }
  const using = (name: string, kind: string, more: object = {}): Manifest => ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace: 'a' },
    spec: { dataFrom: [{ sourceRef: { generatorRef: { kind, name: 'g' } }, ...more }] },
  })
  await cluster.apply(
    namespace('a'),
    { apiVersion: generators, kind: 'UUID', metadata: place },
    { apiVersion: generators, kind: 'GCRAccessToken', metadata: place, spec: gcr },
    { apiVersion: generators, kind: 'Fake', metadata: place, spec: { controller: 'other', data: { a: '1' } } },
    using('uuid', 'UUID', renamed),
    using('gcr', 'GCRAccessToken'),
    using('foreign', 'Fake'),
  )
  await until(async () => (await secret(cluster, 'uuid')) !== undefined)
  const first = await secret(cluster, 'uuid')
  await cluster.patch(path('externalsecrets', 'uuid'), { metadata: { annotations: { 'force-sync': '1' } } })
  await until(async () => (await secret(cluster, 'uuid')) !== first)
  await until(async () => (await status(cluster, 'gcr')) !== undefined)
  t.match(await status(cluster, 'gcr'), /generator: this way to log in is not served yet; served are auth\./)
  await until(async () => (await events(cluster)).some((event) => event.includes('another controller class')))
  t.equal(await secret(cluster, 'foreign'), undefined)
})

t.test('a refresh that finds nothing new makes no request, and the true time shows', async (t) => {
  const clock = new ManualClock()
  const counter = new Counter()
  await using cluster = await openSyncCluster({ clock, between: counter.between })
  cluster.start()
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), anExternalSecret('es', { refreshInterval: '1m' }))
  // The provider is loaded from disk: that takes real time, whatever the clock says.
  await until(async () => {
    await clock.advance(100)
    return (await secret(cluster, 'es')) !== undefined
  })
  await clock.advance(1000)
  const first = await cluster.read(path('externalsecrets', 'es'))
  const { uid } = first['metadata'] as unknown as { uid: string }
  counter.calls.length = 0
  const before = cluster.syncer.live.lastSyncTime(uid)
  await clock.advance(50 * 60_000)
  t.same(
    counter.calls.filter((call) => !call.includes('secretstores')),
    [],
  )
  t.not(cluster.syncer.live.lastSyncTime(uid), before)
  await clock.advance(20 * 60_000)
  t.same(
    counter.calls.filter((call) => !call.includes('secretstores')),
    ['updateStatus externalsecrets'],
    'the time, once an hour',
  )
})

t.test('what somebody did to a target is put right', async (t) => {
  await using cluster = await openSyncCluster()
  cluster.start()
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), anExternalSecret('es'))
  await until(async () => (await secret(cluster, 'es')) !== undefined)
  const whole = await secret(cluster, 'es')
  const target = path('secrets', 'es')
  const edits: readonly unknown[] = [
    { stringData: { a: 'tampered', extra: 'x' } },
    { data: null },
    { metadata: { labels: { 'reconcile.external-secrets.io/managed': null } } },
    { metadata: { annotations: { 'reconcile.external-secrets.io/data-hash': null } } },
    { metadata: { ownerReferences: null } },
  ]
  for (const edit of edits) {
    await cluster.patch(target, edit)
    await until(async () => (await secret(cluster, 'es')) === whole)
  }
  await cluster.api.call(`DELETE ${target}`)
  await until(async () => (await secret(cluster, 'es')) === whole)
  t.pass()
})

t.test('a failing provider empties no Secret, and no text of it is told', async (t) => {
  const fake = new TestProvider()
  await using cluster = await openSyncCluster({ loadProvider: async () => fake.provider })
  cluster.start()
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), anExternalSecret('es'))
  await until(async () => (await secret(cluster, 'es')) !== undefined)
  const before = await secret(cluster, 'es')
  const failures = [
    new ProviderError('secret-missing', 'x'),
    new ProviderError('throttled', 'slow down', { retryAfterMs: 1 }),
    new Error('canary-7'),
  ]
  for (const [index, failure] of failures.entries()) {
    fake.failure = failure
    await cluster.patch(path('externalsecrets', 'es'), { metadata: { annotations: { again: String(index) } } })
    await until(async () => (await events(cluster)).filter((event) => event.includes('UpdateFailed')).length > index)
    t.equal(await secret(cluster, 'es'), before)
  }
  t.match(await status(cluster, 'es'), 'could not get secret data from provider')
  t.notMatch(JSON.stringify(await events(cluster)), 'canary')
  // Who tries while the store is judged is told of the store.
  const ofProvider = (await events(cluster)).filter((event) => !event.includes('SecretStore "s" is not ready'))
  t.match(ofProvider, [
    'Normal Created secret created',
    'Warning UpdateFailed error processing spec.data[0] (key: k), err: Secret does not exist',
    'Warning UpdateFailed error processing spec.data[0] (key: k), err: slow down',
    'Warning UpdateFailed error processing spec.data[0] (key: k), err: the provider failed',
  ])
})

t.test('one read serves everyone of a round, and who changed something gets a new one', async (t) => {
  const fake = new TestProvider()
  await using cluster = await openSyncCluster({ loadProvider: async () => fake.provider })
  const names = Array.from({ length: 20 }, (_, index) => `es-${index}`)
  const entries = [1, 2, 3].map((index) => ({ secretKey: `k${index}`, remoteRef: { key: 'shared' } }))
  await cluster.apply(namespace('a'), ...names.map((name) => anExternalSecret(name, { data: entries })))
  cluster.start()
  await cluster.apply(aStore({}))
  await until(async () =>
    (await Promise.all(names.map((name) => secret(cluster, name)))).every((one) => one !== undefined),
  )
  t.equal(fake.reads.length, 1)
  t.equal(fake.connects.length, 1)
  await cluster.patch(path('externalsecrets', 'es-7'), { metadata: { annotations: { 'force-sync': '1' } } })
  await until(async () => fake.reads.length === 2)
  t.equal(fake.connects.length, 1, 'with the same login')
})

t.test('namespaces that give one ClusterSecretStore their own credentials share nothing', async (t) => {
  const fake = new TestProvider({ readsCredentials: true })
  await using cluster = await openSyncCluster({ loadProvider: async () => fake.provider })
  await cluster.apply(namespace('a'), namespace('b'), credentials('a', 'token-a'), credentials('b', 'token-b'))
  const ref = { secretStoreRef: { kind: 'ClusterSecretStore', name: 's' } }
  await cluster.apply(anExternalSecret('one', ref), anExternalSecret('two', ref), anExternalSecret('one', ref, 'b'))
  cluster.start()
  await cluster.apply({ ...aStore({}), kind: 'ClusterSecretStore', metadata: { name: 's' } })
  await until(
    async () => (await secret(cluster, 'one')) !== undefined && (await secret(cluster, 'one', 'b')) !== undefined,
  )
  await until(async () => (await secret(cluster, 'two')) !== undefined)
  t.match(await secret(cluster, 'one'), encoded('k as token-a'))
  t.match(await secret(cluster, 'two'), encoded('k as token-a'))
  t.match(await secret(cluster, 'one', 'b'), encoded('k as token-b'))
  t.same([...fake.reads].sort(), ['k as token-a', 'k as token-b'], 'each identity read for itself, once')
  await cluster.patch('/api/v1/namespaces/b/secrets/credentials', { stringData: { token: 'token-c' } })
  await cluster.patch(path('externalsecrets', 'one', 'b'), { metadata: { annotations: { 'force-sync': '1' } } })
  await until(async () => (await secret(cluster, 'one', 'b'))?.includes(encoded('k as token-c')) ?? false)
  t.match(await secret(cluster, 'one'), encoded('k as token-a'), 'new credentials are a new identity, for b alone')
})

t.test('stores say whether they can be used, and who may not use them is told', async (t) => {
  await using cluster = await openSyncCluster()
  cluster.start()
  const conditions = [{ namespaces: ['b'] }]
  const store = aStore({ k: 'v' })
  await cluster.apply(
    namespace('a'),
    store,
    {
      ...store,
      metadata: { name: 'bad', namespace: 'a' },
      spec: { provider: { fake: { data: [], validationResult: 2 } } },
    },
    {
      ...store,
      metadata: { name: 'theirs', namespace: 'a' },
      spec: { ...(store['spec'] as object), controller: 'other' },
    },
    {
      ...store,
      kind: 'ClusterSecretStore',
      metadata: { name: 'closed' },
      spec: { ...(store['spec'] as object), conditions },
    },
  )
  await cluster.apply(
    anExternalSecret('one', { secretStoreRef: { name: 'bad' } }),
    anExternalSecret('two', { secretStoreRef: { name: 'closed', kind: 'ClusterSecretStore' } }),
    anExternalSecret('three', { secretStoreRef: { name: 'theirs' } }),
  )
  // A watch of stores may lag behind that of ExternalSecrets: what is told first may be that there is no such store.
  const refusals = ['SecretStore "bad" is not ready', 'denied by spec.condition']
  await until(() => told(cluster, refusals))
  const texts = (await events(cluster)).filter((event) => event.includes('UpdateFailed'))
  t.match(texts.join('\n'), 'SecretStore "bad" is not ready')
  t.match(texts.join('\n'), 'using cluster store "closed" is not allowed from namespace "a": denied by spec.condition')
  const bad = await cluster.read(path('secretstores', 'bad'))
  t.match(bad['status'], {
    conditions: [{ status: 'False', reason: 'InvalidProviderConfig', message: 'unable to validate store' }],
  })
  t.equal((await cluster.read(path('secretstores', 'theirs')))['status'], undefined)
  t.equal(await status(cluster, 'three'), undefined, 'a foreign class is left alone')
})

t.test('who waits for a store to be judged is told at once what came of it', async (t) => {
  const fake = new TestProvider()
  const counter = new Counter()
  let judge = (): void => undefined
  fake.checking = new Promise((resolve) => (judge = resolve))
  fake.failure = new ProviderError('unavailable', 'nobody there')
  const options = { storeGraceMs: 600_000 }
  await using cluster = await openSyncCluster({
    loadProvider: async () => fake.provider,
    between: counter.between,
    options,
  })
  cluster.start()
  await cluster.apply(namespace('a'), aStore({}), anExternalSecret('es'))
  await until(async () => fake.checks === 1 && counter.watched.length === 1)
  judge()
  await until(() => told(cluster, ['SecretStore "s" is not ready']))
  t.match(await status(cluster, 'es'), 'could not get secret data from provider')
})

t.test('a target that was renamed leaves nothing behind', async (t) => {
  await using cluster = await openSyncCluster()
  cluster.start()
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), anExternalSecret('es', { target: { name: 'old' } }))
  await until(async () => (await secret(cluster, 'old')) !== undefined)
  await cluster.patch(path('externalsecrets', 'es'), { spec: { target: { name: 'new' } } })
  await until(async () => (await secret(cluster, 'new')) !== undefined && (await secret(cluster, 'old')) === undefined)
  await until(async () => (await events(cluster)).length === 3)
  t.same(await events(cluster), [
    'Normal Created secret created',
    'Normal Created secret created',
    'Normal Deleted secret deleted because it was orphaned',
  ])
})

t.test('what stood under the old name stays while the new target is refused', async (t) => {
  await using cluster = await openSyncCluster()
  cluster.start()
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), anExternalSecret('es'), anExternalSecret('other'))
  await until(async () => (await secret(cluster, 'es')) !== undefined && (await secret(cluster, 'other')) !== undefined)
  const before = await secret(cluster, 'es')
  await cluster.patch(path('externalsecrets', 'es'), { spec: { target: { name: 'other' } } })
  await until(async () => (await events(cluster)).some((event) => event.includes('owned by another ExternalSecret')))
  t.equal(await secret(cluster, 'es'), before)
})

t.test('Secrets are watched by namespace, as long as it has an ExternalSecret', async (t) => {
  const counter = new Counter()
  await using cluster = await openSyncCluster({ between: counter.between })
  cluster.start()
  await cluster.apply(namespace('a'), namespace('b'), aStore({ k: 'v' }), anExternalSecret('es'))
  await until(async () => (await secret(cluster, 'es')) !== undefined)
  t.same(counter.watched, ['a'])
  await cluster.api.call(`DELETE ${path('externalsecrets', 'es')}`)
  await until(async () => counter.watched.length === 0)
  t.notOk(counter.calls.some((call) => call.startsWith('list secrets')))
})

t.test('after a restart nothing is fetched or written that is not due', async (t) => {
  const counter = new Counter()
  const fake = new TestProvider()
  await using cluster = await openSyncCluster({ between: counter.between, loadProvider: async () => fake.provider })
  cluster.start()
  await cluster.apply(namespace('a'), aStore({}), anExternalSecret('es'))
  await until(async () => (await status(cluster, 'es'))?.includes('SecretSynced"') ?? false)
  await cluster.stop()
  counter.calls.length = 0
  cluster.start()
  await until(async () => fake.checks === 2)
  await cluster.apply(anExternalSecret('later'))
  await until(async () => (await secret(cluster, 'later')) !== undefined)
  t.equal(fake.reads.length, 2, 'one for each first sync')
  t.same(
    counter.calls.filter((call) => /^(get|update|delete) secrets$/.test(call)),
    [],
  )
})

import t from 'tap'
import { ProviderError } from '../providers/errors.ts'
import { ManualClock } from '../test/support/manual-clock.ts'
import { type Manifest, openSyncCluster } from '../test/support/sync-cluster.ts'
import { TestProvider } from '../test/support/sync-doubles.ts'
import {
  aStore,
  anExternalSecret,
  annotated,
  encoded,
  namespace,
  path,
  secret,
  status,
  told,
} from '../test/support/sync-manifests.ts'
import { until } from '../test/support/until.ts'

t.test('Merge waits for a Secret that somebody makes, and None writes none', async (t) => {
  await using cluster = await openSyncCluster()
  cluster.start()
  const merge = anExternalSecret('es', { target: { creationPolicy: 'Merge' } })
  const none = anExternalSecret('none', { target: { creationPolicy: 'None' } })
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), merge, none)
  await until(async () => (await status(cluster, 'es'))?.includes('SecretMissing') ?? false)
  await until(async () => (await status(cluster, 'none'))?.includes('SecretSynced"') ?? false)
  t.equal(await secret(cluster, 'none'), undefined)
  const theirs = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'es', namespace: 'a' }, stringData: { z: '1' } }
  await cluster.apply(theirs)
  await cluster.patch(path('externalsecrets', 'es'), { metadata: { annotations: { again: '1' } } })
  await until(async () => (await status(cluster, 'es'))?.includes('SecretSynced"') ?? false)
  t.same((await cluster.read(path('secrets', 'es')))['data'], { a: encoded('v'), z: encoded('1') })
  await cluster.patch(path('secrets', 'es'), { stringData: { a: 'tampered', y: '2' } })
  await until(async () => (await secret(cluster, 'es'))?.includes(encoded('v')) ?? false)
  t.same((await cluster.read(path('secrets', 'es')))['data'], { a: encoded('v'), y: encoded('2'), z: encoded('1') })
  const data = [{ secretKey: 'b', remoteRef: { key: 'k' } }]
  await cluster.apply(anExternalSecret('other', { data, target: { name: 'es', creationPolicy: 'Merge' } }))
  await until(async () => (await status(cluster, 'other'))?.includes('SecretSynced"') ?? false)
  const both = { a: encoded('v'), b: encoded('v'), y: encoded('2'), z: encoded('1') }
  t.same((await cluster.read(path('secrets', 'es')))['data'], both, 'several fill one Secret')
})

t.test('what is missing takes something away when it was seen twice, ten seconds apart', async (t) => {
  const clock = new ManualClock()
  const fake = new TestProvider()
  await using cluster = await openSyncCluster({ clock, loadProvider: async () => fake.provider })
  cluster.start()
  const data = ['k', 'l'].map((key) => ({ secretKey: key, remoteRef: { key } }))
  const deleting = { refreshInterval: '1m', target: { deletionPolicy: 'Delete' } }
  await cluster.apply(namespace('a'), aStore({}), anExternalSecret('es', { ...deleting, data }))
  const came = async (done: () => Promise<boolean>): Promise<void> => {
    await until(async () => {
      await clock.advance(100)
      return done()
    })
  }
  const keys = async (): Promise<string[] | undefined> => {
    const found = await cluster.read(path('secrets', 'es'))
    return (found['kind'] as unknown) === 'Secret' ? Object.keys(found['data'] ?? {}) : undefined
  }
  await came(async () => (await keys()) !== undefined)
  await clock.advance(1000)
  fake.missing.add('k')
  await came(() => told(cluster, ['secret does not exist at provider using spec.dataFrom[0] (key=k)']))
  t.same(await keys(), ['k', 'l'], 'seen once')
  fake.missing.delete('k')
  await clock.advance(11_000)
  t.same(await keys(), ['k', 'l'], 'it was there again')
  fake.missing.add('k')
  await clock.advance(61_000)
  await came(async () => (await keys())?.length === 1)
  fake.failure = new ProviderError('unavailable', 'nobody there')
  fake.missing.add('l')
  await clock.advance(400_000)
  t.same(await keys(), ['l'], 'a provider that fails takes nothing away')
  fake.failure = undefined
  await clock.advance(400_000)
  await came(async () => (await keys()) === undefined)
  t.match(await status(cluster, 'es'), 'SecretDeleted')
  fake.missing.clear()
  await clock.advance(61_000)
  await came(async () => (await keys())?.length === 2)
  t.match(await status(cluster, 'es'), 'SecretSynced"')
})

t.test('many Secrets that would go at once do not go, and say why', async (t) => {
  const fake = new TestProvider()
  const options = { missingConfirmationMs: 0, deletionBrakeCount: 3, deletionBrakePercent: 0 }
  await using cluster = await openSyncCluster({ options, loadProvider: async () => fake.provider })
  cluster.start()
  const names = Array.from({ length: 8 }, (_, index) => `es-${index}`)
  const specs = names.map((name, index) =>
    anExternalSecret(name, { target: { deletionPolicy: index % 2 === 0 ? 'Delete' : 'Merge' } }),
  )
  await cluster.apply(namespace('a'), aStore({}), ...specs)
  const whole = async (): Promise<number> => {
    const found = await Promise.all(names.map((name) => secret(cluster, name)))
    return found.filter((one) => one?.includes(encoded('k as nobody')) === true).length
  }
  await until(async () => (await whole()) === 8)
  fake.missing.add('k')
  const again = (value: string) =>
    Promise.all(names.map((name) => cluster.patch(path('externalsecrets', name), annotated('again', value))))
  await again('1')
  const stopped = async (): Promise<number> => {
    const all = await Promise.all(names.map((name) => status(cluster, name)))
    return all.filter((one) => one?.includes('deletion stopped: too many Secrets') === true).length
  }
  await until(async () => (await stopped()) === 5)
  t.equal(await whole(), 5)
  await until(() => told(cluster, ['Warning UpdateFailed deletion stopped', '--deletion-brake-count']))
  fake.missing.clear()
  await again('2')
  await until(async () => (await whole()) === 8 && (await stopped()) === 0)
  t.pass('and when the values are back, all is well')
})

t.test('a Secret that somebody else made is touched only with its leave', async (t) => {
  const options = { retryFirstMs: 20, retryMaxMs: 50 }
  await using cluster = await openSyncCluster({ options })
  cluster.start()
  const theirs = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'es', namespace: 'a' }, stringData: { z: '1' } }
  await cluster.apply(namespace('a'), theirs)
  const before = await cluster.read(path('secrets', 'es'))
  await cluster.apply(aStore({ k: 'v' }), anExternalSecret('es'))
  await until(async () => (await status(cluster, 'es'))?.includes('external-secrets.io/adopt') ?? false)
  await until(() => told(cluster, ['secret es was not made by an ExternalSecret', '--adopt=always']))
  t.same(await cluster.read(path('secrets', 'es')), before)
  await cluster.patch(path('secrets', 'es'), annotated('external-secrets.io/adopt', 'true'))
  await until(async () => (await status(cluster, 'es'))?.includes('SecretSynced"') ?? false)
  t.same((await cluster.read(path('secrets', 'es')))['data'], { a: encoded('v') })
})

t.test("what another operator's finalizer held is let go", async (t) => {
  await using cluster = await openSyncCluster()
  const finalizers = ['externalsecrets.external-secrets.io/externalsecret-cleanup', 'example.com/kept']
  const es = anExternalSecret('es')
  const former = anExternalSecret('former')
  await cluster.apply(namespace('a'), aStore({ k: 'v' }))
  await cluster.apply({ ...es, metadata: { ...es.metadata, finalizers } })
  await cluster.apply({ ...former, metadata: { ...former.metadata, finalizers: finalizers.slice(0, 1) } })
  await cluster.api.call(`DELETE ${path('externalsecrets', 'former')}`)
  t.match((await cluster.read(path('externalsecrets', 'former')))['metadata'], { deletionTimestamp: String })
  cluster.start()
  await until(async () => (await cluster.read(path('externalsecrets', 'former')))['metadata']?.['name'] === undefined)
  await until(async () => (await status(cluster, 'es'))?.includes('SecretSynced"') ?? false)
  const { metadata } = (await cluster.read(path('externalsecrets', 'es'))) as unknown as Manifest
  t.same(metadata['finalizers'], ['example.com/kept'])
})

t.test('what the end of the syncer interrupts is told by nobody', async (t) => {
  const fake = new TestProvider()
  await using cluster = await openSyncCluster({ loadProvider: async () => fake.provider })
  cluster.start()
  await cluster.apply(namespace('a'), aStore({}), anExternalSecret('es'))
  await until(async () => (await status(cluster, 'es'))?.includes('SecretSynced"') ?? false)
  const statuses = async () => [await status(cluster, 'es'), (await cluster.read(path('secretstores', 's')))['status']]
  await until(async () => !(await statuses()).includes(undefined))
  const before = await statuses()
  fake.isSilent = true
  await cluster.patch(path('externalsecrets', 'es'), { metadata: { annotations: { again: '1' } } })
  await until(async () => fake.unanswered === 1)
  await cluster.patch(path('secretstores', 's'), { spec: { retrySettings: { maxRetries: 3 } } })
  await until(async () => fake.unanswered === 2)
  await cluster.stop()
  t.same(await statuses(), before)
  t.notOk(await told(cluster, ['UpdateFailed']))
})

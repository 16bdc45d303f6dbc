import t from 'tap'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import { openSyncCluster, type SyncCluster } from '../../test/support/sync-cluster.ts'
import { aStore, anExternalSecret, namespace, path, secret } from '../../test/support/sync-manifests.ts'
import { until } from '../../test/support/until.ts'

async function stored(cluster: SyncCluster, name: string): Promise<ExternalSecret> {
  return (await cluster.read(path('externalsecrets', name))) as unknown as ExternalSecret
}

t.test('while nobody synchronizes there is no answer, and who waits is told when that begins', async (t) => {
  await using cluster = await openSyncCluster()
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), anExternalSecret('es'))
  const object = await stored(cluster, 'es')
  const { signal } = new AbortController()
  await t.rejects(cluster.syncer.verbs.refresh(object, signal), { code: 503 })
  await t.rejects(cluster.syncer.verbs.preview(object, { showsValues: true, knownErrors: [] }), { code: 503 })
  cluster.start()
  await until(async () => (await secret(cluster, 'es')) !== undefined)
  // An object that is not there yet: its refresh waits.
  const unknown = { ...object, metadata: { ...object.metadata, name: 'later' } }
  const refused = t.rejects(cluster.syncer.verbs.refresh(unknown, signal), { code: 503, message: /synchronize/ })
  await cluster.stop()
  await refused
})

t.test('a refresh waits for the object as it is now, and ends when that goes or its asker does', async (t) => {
  await using cluster = await openSyncCluster()
  cluster.start()
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), anExternalSecret('es'))
  await until(async () => (await secret(cluster, 'es')) !== undefined)
  const { signal } = new AbortController()
  await cluster.patch(path('externalsecrets', 'es'), { spec: { refreshInterval: '30m' } })
  const object = await stored(cluster, 'es')
  t.match(await cluster.syncer.verbs.refresh(object, signal), { synced: true, syncedResourceVersion: /^2-/ })

  const newer = { ...object, metadata: { ...object.metadata, generation: 9 } }
  const leaving = new AbortController()
  const left = t.rejects(cluster.syncer.verbs.refresh(newer, leaving.signal), /left/)
  leaving.abort(new Error('left'))
  await left
  const gone = t.rejects(cluster.syncer.verbs.refresh(newer, signal), { code: 404 })
  await cluster.api.call(`DELETE ${path('externalsecrets', 'es')}`)
  await gone

  const { spec, ...store } = aStore({ k: 'v' })
  await cluster.apply(
    { ...store, metadata: { name: 'foreign', namespace: 'a' }, spec: { ...(spec as object), controller: 'other' } },
    anExternalSecret('theirs', { secretStoreRef: { name: 'foreign' } }),
  )
  const theirs = await stored(cluster, 'theirs')
  await t.rejects(cluster.syncer.verbs.refresh(theirs, signal), { code: 409, message: /another controller/ })
  t.match(await cluster.syncer.verbs.testStore({ kind: 'SecretStore', namespace: 'a', name: 'foreign' }, {}), {
    usable: false,
  })
})

import { rmSync } from 'node:fs'
import t, { type Test } from 'tap'
import { AggregatedServer, knows, prepareCluster } from '../support/kube-cluster/aggregated-server.ts'
import { collectorHasPassed } from '../support/kube-cluster/collector.ts'
import { clusterPeers } from '../support/kube-cluster/kube-cluster.ts'
import { oneSync } from '../support/kube-cluster/one-sync.ts'
import { StoreScene } from '../support/kube-cluster/store-scene.ts'
import type { Kubectl } from '../support/kubectl.ts'
import { skipWithout } from '../support/peers.ts'
import { until } from '../support/until.ts'

/** A store that is lost for good, what its objects owned, and how a server leaves. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')

const manifests = oneSync()

t.test('a store is lost, and at no moment is a Secret deleted', { skip }, async (t) => {
  await using scene = await StoreScene.start()
  const { cluster, kubectl, store } = scene
  {
    await using _ = await AggregatedServer.start(cluster)
    await cluster.served(['/apis/external-secrets.io/v1'])
    await knows(kubectl, 'externalsecrets')
    await kubectl.ok('apply -f -', manifests)
    await kubectl.ok('wait --for=condition=Ready externalsecret/db --timeout=30s')
    await scene.operator('snapshot', '--out', scene.kept('snapshot'))
    await kubectl.ok('create -f -', anotherTarget(await kubectl.ok(`${externalSecret} jsonpath={.metadata.uid}`)))
  }
  const uids = await kubectl.ok(targetUids)
  rmSync(store, { recursive: true })
  // A page without a word says of no store that it is the right one.
  await kubectl.ok('patch configmap external-secrets-apiserver-store -n kube-system --type=merge -p {"data":null}')
  await t.test('by an operator who emptied what is known of it', (t) => recovered(t, scene))
  t.equal(await kubectl.ok(targetUids), uids, 'each target is the one that it was')

  rmSync(store, { recursive: true })
  await withoutItsNamespace(kubectl)
  await prepareCluster(cluster)
  await using server = await AggregatedServer.start(cluster)
  await t.test('with the namespace of the server', (t) => restored(t, scene))
  t.equal(await kubectl.ok(targetUids), uids)

  await t.test('a server leaves, and comes back', (t) => uninstalled(t, scene, server))
  t.equal(await kubectl.ok(targetUids), uids)
})

async function recovered(t: Test, scene: StoreScene): Promise<void> {
  const { cluster, kubectl } = scene
  await using _ = await AggregatedServer.start(cluster)
  await until(scene.isRefused(/the ConfigMap external-secrets-apiserver-store cannot be read/))
  t.equal(
    await scene.operator('recover'),
    'Secret default/db: owner taken away\nConfigMap default/another: owner taken away\n' +
      '2 objects had owners that are not known; none was deleted\n',
  )
  await scene.accept()
  await until(async () => (await kubectl.run(['apply', '-f', '-'], { input: manifests })).code === 0)
  await kubectl.ok('wait --for=condition=Ready externalsecret/db --timeout=30s')
  const uid = await kubectl.ok(`${externalSecret} jsonpath={.metadata.uid}`)
  t.equal(await kubectl.ok(owner), uid, 'owned anew')
  await collectorHasPassed(kubectl)
}

/**
 * With all that is in it, and without `uninstall`: nobody answers for our groups then, and the namespace hangs until
 * its finalizer is taken away by force.
 */
async function withoutItsNamespace(kubectl: Kubectl): Promise<void> {
  const name = 'external-secrets'
  await kubectl.ok(`delete namespace ${name} --wait=false`)
  await until(async () => (await kubectl.ok(`get services,configmaps -n ${name} -o name`)) === '')
  const freed = { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: { finalizers: [] } }
  await kubectl.ok(`replace --raw /api/v1/namespaces/${name}/finalize -f -`, JSON.stringify(freed))
  await until(async () => (await kubectl.run(['get', 'namespace', name])).code !== 0)
}

async function restored(t: Test, scene: StoreScene): Promise<void> {
  const { kubectl } = scene
  await until(scene.isRefused(/the store is empty, and the cluster knows one that is not/))
  t.match(await scene.operator('recover'), /^Secret default\/db: owner taken away\n/)
  await scene.accept()
  const restore = await scene.operator('restore', '--from', scene.kept('snapshot'))
  t.equal(restore, '2 objects restored, 0 others kept, 0 removed\n')
  await until(async () => (await kubectl.run(['get', 'externalsecrets'])).code === 0)
  const uid = await kubectl.ok(`${externalSecret} jsonpath={.metadata.uid}`)
  await until(async () => (await kubectl.ok(owner)) === uid)
}

async function uninstalled(t: Test, scene: StoreScene, server: AggregatedServer): Promise<void> {
  const { cluster, kubectl } = scene
  const uninstall = (): Promise<string> => scene.operator('uninstall', '--data-dir', scene.kept('data'))
  // Its owner is one that the collector may not have met yet: it asks for such an owner again and again.
  await kubectl.ok('apply -f -', manifests.replaceAll('name: db', 'name: late'))
  await kubectl.ok('wait --for=condition=Ready externalsecret/late --timeout=30s')
  const owners = 'get secrets -o jsonpath={.items[*].metadata.ownerReferences[*].name}'
  t.match(await uninstall(), /^a server answers for external-secrets\.io\/v1: stop it first/)
  t.match(await kubectl.ok('get apiservices -o name'), /v1\.external-secrets\.io/)
  t.equal(await kubectl.ok(owners), 'db late', 'nothing is changed while it runs')
  const uids = await kubectl.ok(secretUids)
  await server.kill('SIGTERM')
  const said = await uninstall()
  t.match(said, /^Secret default\/db: owner taken away\nSecret default\/late: owner taken away\n/)
  t.match(said, /\nAPIService v1\.external-secrets\.io removed\n/)
  t.match(said, /revisions ahead of the cluster/)
  t.match(said, /\nConfigMap kube-system\/external-secrets-apiserver-store removed\n$/)
  t.notMatch(await kubectl.ok('get apiservices -o name'), /external-secrets/)
  t.equal(await kubectl.ok(owners), '')
  await collectorHasPassed(kubectl)
  t.equal(await kubectl.ok(secretUids), uids, 'the collector has passed, and every Secret is the one that it was')

  await using again = await AggregatedServer.start(cluster)
  await until(async () => (await kubectl.ok(owners)) === 'db late')
  t.match(again.log, /"msg":"leading"/)
  await collectorHasPassed(kubectl)
  t.equal(await kubectl.ok(secretUids), uids, 'whoever comes back owns what is there')
}

const externalSecret = 'get externalsecret db -o'
const owner = 'get secret db -o jsonpath={.metadata.ownerReferences[*].uid}'
const secretUids = 'get secrets -o jsonpath={.items[*].metadata.uid}'
const targetUids = 'get secret/db configmap/another -o jsonpath={.items[*].metadata.uid}'

/** A target of another kind, as the syncer leaves it. */
function anotherTarget(uid: string): string {
  const owner = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'db', uid, controller: true }
  const labels = { 'reconcile.external-secrets.io/managed': 'true' }
  const metadata = { name: 'another', labels, ownerReferences: [owner] }
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
}

import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { AggregatedServer, knows, leadTo } from '../support/kube-cluster/aggregated-server.ts'
import { clusterPeers } from '../support/kube-cluster/kube-cluster.ts'
import { oneSync } from '../support/kube-cluster/one-sync.ts'
import { StoreScene } from '../support/kube-cluster/store-scene.ts'
import { skipWithout } from '../support/peers.ts'
import { until } from '../support/until.ts'

/** A store that is not the one that the cluster knows, with a garbage collector that would act on what it says. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')

const manifests = oneSync()

async function readyz({ port, dataDir }: AggregatedServer): Promise<string> {
  const ca = readFileSync(join(dataDir, 'pki/ca.crt'), 'utf8')
  const asked = { host: '127.0.0.1', port, path: '/readyz?verbose', ca, agent: false }
  const response = await new Promise<IncomingMessage>((resolve, reject) => get(asked, resolve).on('error', reject))
  return text(response)
}

const shop = manifests.replaceAll('namespace: default', 'namespace: shop')

t.test('a store put in place of the right one is not served, and no Secret is deleted', { skip }, async (t) => {
  await using scene = await StoreScene.start()
  const { cluster, kubectl, store } = scene
  const secretVersion = () => kubectl.ok('get secret db -o jsonpath={.metadata.uid}/{.metadata.resourceVersion}')
  const inShop = 'get externalsecrets,secretstores,secrets -n shop -o name'
  const listVersion = () => kubectl.ok('get --raw /apis/external-secrets.io/v1/externalsecrets').then(versionOf)
  const listed = (path: string) => kubectl.ok(`get externalsecrets -o jsonpath=${path}`)
  {
    await using _ = await AggregatedServer.start(cluster)
    await cluster.served(['/apis/external-secrets.io/v1'])
    await knows(kubectl, 'externalsecrets')
    const around = Number(await kubectl.ok('get --raw /api/v1/namespaces?limit=1').then(versionOf))
    await kubectl.ok('apply -f -', manifests)
    await kubectl.ok('wait --for=condition=Ready externalsecret/db --timeout=30s')
    await kubectl.ok('create namespace shop')
    await kubectl.ok('apply -f -', shop)
    await kubectl.ok('wait --for=condition=Ready externalsecret/db -n shop --timeout=30s')
    const ours = Number(await kubectl.ok('get --raw /apis/external-secrets.io/v1/externalsecrets').then(versionOf))
    t.ok(ours > 1 && ours < around + 100, `${ours} begins where the cluster was, which is at ${around} now`)
    const stale = await kubectl.ok('get --raw /apis/external-secrets.io/v1/externalsecrets?watch=1&resourceVersion=2')
    t.match(stale, /"reason":"Expired","code":410/)
    t.match(
      await scene.operator('snapshot', '--out', scene.kept('snapshot')),
      /^store .* at revision \d+: \d+ records\n$/,
    )
  }
  cpSync(store, scene.kept('old'), { recursive: true })
  let newest = 0
  {
    await using _ = await AggregatedServer.start(cluster)
    await until(async () => (await kubectl.run(['annotate', 'externalsecret', 'db', 'note=early'])).code === 0)
    await kubectl.ok('delete namespace shop --timeout=60s')
    await kubectl.ok('create namespace shop')
    await kubectl.ok('apply -f -', manifests.replaceAll('name: db', 'name: extra'))
    await kubectl.ok('wait --for=condition=Ready externalsecret/extra --timeout=30s')
    const [made, last] = [await secretVersion(), Number(await listVersion())]
    const restore = (...words: string[]) => scene.operator('restore', '--from', scene.kept('snapshot'), ...words)
    t.match(await restore(), /^nothing was restored: .*: externalsecrets default\/extra\n--others=keep/)
    t.equal(await listed('{.items[*].metadata.annotations.note}'), 'early', 'nothing was touched')
    t.match(await restore('--others=keep'), /^2 objects restored, 1 others kept, 0 removed\n$/)
    await until(async () => (await kubectl.run(['get', 'externalsecrets'])).code === 0)
    t.equal(await listed('{.items[*].metadata.annotations.note}'), '', 'as it was in the snapshot')
    t.equal(await listed('{.items[*].metadata.name}'), 'db extra')
    t.equal(await kubectl.ok(inShop), '', 'of a namespace that was made anew nothing comes back')
    const versions = (await listed('{.items[*].metadata.resourceVersion}')).split(' ').map(Number)
    t.ok(
      versions.every((version) => version > last),
      'no number is given twice',
    )
    await kubectl.ok('delete externalsecret extra')
    await until(async () => (await kubectl.run(['get', 'secret', 'extra'])).code !== 0)
    t.equal((await secretVersion()).split('/')[0], made.split('/')[0], 'the collector is awake, and has left it alone')
    await kubectl.ok('annotate externalsecret db note=late')
    newest = Number(await kubectl.ok('get --raw /apis/external-secrets.io/v1/externalsecrets').then(versionOf))
  }
  const before = await secretVersion()
  renameSync(store, scene.kept('right'))
  {
    await using server = await AggregatedServer.start(cluster)
    await until(scene.isRefused(/ServiceUnavailable.*the store is empty, and the cluster knows one that is not/))
    t.match(await readyz(server), /\[\+\]store ok[^]*\[-\]store-identity failed/)
    t.match(
      await scene.doctor(),
      /^store: the store is empty.*\n {2}stop the server.*or accept this store: kubectl patch/,
    )
    t.match(server.log, /the store is not served/)
    t.notMatch(server.log, /"msg":"leading"/, 'nothing is synchronized')
  }
  rmSync(store, { recursive: true })
  cpSync(scene.kept('old'), store, { recursive: true })
  {
    await using server = await AggregatedServer.start(cluster)
    await until(scene.isRefused(/the store is an older copy of the one that the cluster knows/))
    t.equal(await secretVersion(), before, 'all the while nobody has touched the Secret')
    await scene.accept()
    t.equal(await listed('{.items[*].metadata.name}'), 'db')
    t.equal(await listed('{.items[*].metadata.annotations.note}'), '', 'as it was in the copy')
    t.match(server.log, /"namespace":"shop","removed":2,"kept":0/)
    t.equal(await kubectl.ok(inShop), '', 'what was in the former namespace is not in the new one')
    const resumed = Number(await kubectl.ok('get --raw /apis/external-secrets.io/v1/externalsecrets').then(versionOf))
    t.ok(resumed > newest, `${resumed} is above ${newest}, which was given before`)
    t.match(await kubectl.ok('get configmap external-secrets-apiserver-store -n kube-system -o json'), /"epoch": "3"/)
    t.notMatch(await scene.doctor(), /^store:/m)
  }
  rmSync(store, { recursive: true })
  {
    // As one that is not ready is found: kube-apiserver leads to nobody, and a port-forward to the pod.
    await using server = await AggregatedServer.start(cluster, { isServed: false })
    await leadTo(cluster, server.port, { isReady: false })
    const direct = ['--server', `https://127.0.0.1:${server.port}`]
    const trusting = ['--certificate-authority', scene.kept('authority.pem')]
    const caBundle = await kubectl.ok('get apiservice v1.external-secrets.io -o jsonpath={.spec.caBundle}')
    writeFileSync(scene.kept('authority.pem'), Buffer.from(caBundle, 'base64'))
    const past = [...direct, ...trusting, '--tls-server-name', 'external-secrets-apiserver.external-secrets.svc']
    const replacing = [
      'replace',
      '--raw',
      '/apis/external-secrets.io/v1/snapshots/current',
      '-f',
      scene.kept('snapshot'),
    ]
    await until(async () =>
      /503|unavailable|no endpoints/i.test((await kubectl.run(['get', 'externalsecrets'])).stderr),
    )
    const refused = await kubectl.run(['get', 'externalsecrets', ...past])
    t.match(refused.stderr, /the store is empty/, 'it is asked directly, and refuses everything else')
    const powerless = await kubectl.run([...replacing, ...past, '--as', 'eve'])
    t.match(powerless.stderr, /User "eve" cannot update resource "snapshots"/)
    t.match((await kubectl.run([...replacing, ...past])).stdout, /2 objects restored, 0 others kept, 0 removed/)
    await leadTo(cluster, server.port)
    await until(async () => (await kubectl.run(['get', 'externalsecrets'])).code === 0)
    t.equal(await listed('{.items[*].metadata.name}'), 'db')
    const uid = await kubectl.ok('get externalsecret db -o jsonpath={.metadata.uid}')
    t.equal(await kubectl.ok('get secret db -o jsonpath={.metadata.ownerReferences[*].uid}'), uid, 'it owns its Secret')
    t.equal((await secretVersion()).split('/')[0], before.split('/')[0], 'which nobody has deleted')
    t.match(
      await scene.operator('snapshot', '--out', scene.kept('again'), ...direct),
      /^store .* at revision \d+: \d+ records\n$/,
    )
    t.equal(await kubectl.ok(inShop), '')
  }
})

function versionOf(list: string): string {
  return (JSON.parse(list) as { metadata: { resourceVersion: string } }).metadata.resourceVersion
}

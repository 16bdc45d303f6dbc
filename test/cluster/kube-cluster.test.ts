import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { applyTestKinds } from '../conformance/custom-resources.ts'
import { listOf } from '../support/api-client.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { skipWithout } from '../support/peers.ts'
import { aWidget, clusterWidgets, widgets } from '../support/widgets.ts'

/** A real control plane, as the tests that need one get it. */
const skip = skipWithout(...clusterPeers)

function childrenOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
}

t.test('clusters start side by side, serve the test kinds, and leave nothing behind', { skip }, async (t) => {
  const before = childrenOf(process.pid)
  const [cluster, other] = await Promise.all([
    KubeCluster.start({ controllerManager: true }),
    KubeCluster.start({ fsync: false }),
  ])
  try {
    await using api = cluster.client()
    await using elsewhere = other.client()
    await applyTestKinds(cluster)

    await t.test('columns, short names, selectors and versions are those of the declarations', async (t) => {
      const created = await api.post(widgets, aWidget('one', { spec: { size: 3, owner: 'ann' } }))
      t.equal(created.status, 201, created.text)
      t.equal(
        Object.keys((created.json['spec'] ?? {}) as object)
          .toSorted()
          .join(),
        'owner,size',
        'virtual defaults are not written',
      )
      const table = await api.call('GET', widgets, {
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      })
      const columns = listOf(table.json['columnDefinitions']).map(({ name }) => String(name))
      t.same(columns, ['Name', 'Size', 'Phase', 'Mode', 'Age'])
      const mine = await api.get(`${widgets}?fieldSelector=spec.owner%3Dann`)
      t.equal(listOf(mine.json['items']).length, 1)
      t.equal(listOf((await api.get(`${widgets}?fieldSelector=spec.owner%3Dbob`)).json['items']).length, 0)
      const older = await api.get(`${widgets.replace('/v1/', '/v1beta1/')}/one`)
      t.equal(older.json['apiVersion'], 'example.com/v1beta1')
      const resources = listOf((await api.get('/apis/example.com/v1')).json['resources'])
      const byName = resources.toSorted((a, b) => String(a['name']).localeCompare(String(b['name'])))
      t.match(byName, [
        { name: 'clusterwidgets', namespaced: false, shortNames: ['cwd'], categories: ['testing'] },
        { name: 'clusterwidgets/status' },
        { name: 'widgets', namespaced: true, shortNames: ['wd'], categories: ['testing'] },
        { name: 'widgets/status' },
      ])
      const refused = await api.post(widgets, aWidget('two', { spec: { size: 1001 } }))
      t.equal(refused.status, 422, refused.text)
      const stored = await api.post(clusterWidgets, { ...aWidget('three', { spec: {} }), kind: 'ClusterWidget' })
      t.equal(stored.json['spec']?.['mode'], 'Auto', 'stored defaults are')
    })

    await t.test('the controllers run where they were asked for', async (t) => {
      await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made' } }])
      await cluster.served(['/api/v1/namespaces/made/configmaps/kube-root-ca.crt'])
      t.notOk('kube-controller-manager' in other.pids)
    })

    await t.test('each has its own objects and its own certificates', async (t) => {
      t.equal((await elsewhere.get('/apis/example.com')).status, 404)
      const stranger = await fetch(cluster.url).catch((error: unknown) => error)
      t.ok(stranger instanceof TypeError, 'nobody trusts the serving certificate without its authority')
    })
  } finally {
    await cluster[Symbol.asyncDispose]()
    await other[Symbol.asyncDispose]()
  }
  t.same(childrenOf(process.pid), before)
  for (const { folder } of [cluster, other]) t.notOk(existsSync(folder))
})

t.test('a cluster that does not come up says why and leaves no program running', { skip }, async (t) => {
  const before = childrenOf(process.pid)
  await t.rejects(KubeCluster.start({ apiserverFlags: ['--no-such-flag'] }), {
    message: /kube-apiserver has ended: .*unknown flag: --no-such-flag/s,
  })
  t.same(childrenOf(process.pid), before)
})

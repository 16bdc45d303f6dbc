import t from 'tap'
import { AggregatedServer, kubectlOf, prepareCluster } from '../support/kube-cluster/aggregated-server.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { skipWithout } from '../support/peers.ts'
import { until } from '../support/until.ts'

/** The right to use a store, by the RBAC of a real kube-apiserver, between two users (T05: a confused deputy). */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')
const group = 'external-secrets.io'

const stores = `
apiVersion: ${group}/v1
kind: ClusterSecretStore
metadata: {name: shared}
spec: {provider: {fake: {data: [{key: /db, value: hunter2}]}}}
---
apiVersion: ${group}/v1
kind: SecretStore
metadata: {name: own, namespace: default}
spec: {provider: {fake: {data: [{key: /db, value: hunter3}]}}}
`

/** `kubectl create role` knows the verbs of built-in resources alone. */
const storeUser = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: store-user, namespace: default}
rules: [{apiGroups: [${group}], resources: [secretstores], verbs: [use]}]
`

function anExternalSecret(name: string, kind: string, store: string): string {
  return `
apiVersion: ${group}/v1
kind: ExternalSecret
metadata: {name: ${name}, namespace: default}
spec:
  refreshInterval: 1s
  secretStoreRef: {name: ${store}, kind: ${kind}}
  data: [{secretKey: password, remoteRef: {key: /db}}]
`
}

t.test('nobody gets at a store through an ExternalSecret that he may not use', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ fsync: false })
  await prepareCluster(cluster)
  await using _ = await AggregatedServer.start(cluster, {
    flags: ['--retry-first', '100ms', '--retry-max', '500ms'],
  })
  using kubectl = kubectlOf(cluster)
  await until(async () => (await kubectl.run(['apply', '-f', '-'], { input: stores })).code === 0)
  const write = '--verb=get,create,update,patch,delete'
  await kubectl.ok(`create clusterrole es-writer ${write} --resource=externalsecrets.${group}`)
  for (const user of ['ann', 'bob']) {
    await kubectl.ok(`create rolebinding ${user}-writes --clusterrole=es-writer --user=${user}`)
  }
  await kubectl.ok('apply -f -', storeUser)
  await kubectl.ok('create rolebinding ann-uses --role=store-user --user=ann')
  const apply = (user: string, manifest: string) => kubectl.run(['apply', '-f', '-', '--as', user], { input: manifest })
  const condition = async (name: string): Promise<string> => {
    const path = 'jsonpath={.status.conditions[0].message}'
    return (await kubectl.run(['get', 'externalsecret', name, '-o', path])).stdout
  }

  await t.test('one user is admitted, the other is refused, in the words of the cluster', async (t) => {
    await until(async () => (await apply('ann', anExternalSecret('ann', 'SecretStore', 'own'))).code === 0)
    await until(async () => (await kubectl.run(['get', 'secret', 'ann'])).code === 0)
    // The status comes after the Secret.
    await until(async () => (await condition('ann')) === 'secret synced')
    const refused = await apply('bob', anExternalSecret('bob', 'SecretStore', 'own'))
    t.equal(refused.code, 1)
    t.match(refused.stderr, /User "bob" cannot use resource "secretstores" in API group "external-secrets.io"/)
    const shared = await apply('ann', anExternalSecret('shared', 'ClusterSecretStore', 'shared'))
    t.match(shared.stderr, /User "ann" cannot use resource "clustersecretstores".* at the cluster scope/)
    t.match((await kubectl.run(['get', 'secret', 'bob', 'shared'])).stderr, /"bob" not found[\s\S]*"shared" not found/)
  })

  await t.test('who takes over an ExternalSecret of another changes its labels, not what it reads', async (t) => {
    t.equal((await kubectl.run(['label', 'externalsecret', 'ann', 'by=bob', '--as', 'bob'])).code, 0)
    const patch = ['patch', 'externalsecret', 'ann', '--as', 'bob', '--type=merge', '-p']
    const stolen = await kubectl.run([...patch, '{"spec":{"target":{"name":"mine"}}}'])
    t.match(stolen.stderr, /User "bob" cannot use resource "secretstores"/)
    t.match(await condition('ann'), 'secret synced')
  })

  await t.test('verbs are asked through kube-apiserver, and a preview lends no right to use a store', async (t) => {
    const asked = ['preview', 'refresh'].map((each) => `--resource=externalsecrets.${group}/${each}`)
    await kubectl.ok(`create role asker --verb=create ${asked.join(' ')}`)
    await kubectl.ok('create rolebinding askers --role=asker --user=ann --user=bob')
    const ask = (user: string, what: string) => {
      const path = `/apis/${group}/v1/namespaces/default/externalsecrets/ann/${what}`
      return kubectl.run(['create', '--raw', path, '-f', '-', '--as', user], { input: '{}' })
    }
    await until(async () => (await ask('bob', 'refresh')).code === 0)
    t.match(JSON.parse((await ask('ann', 'refresh')).stdout), { status: { synced: true } })
    t.match(JSON.parse((await ask('ann', 'preview')).stdout), {
      status: { keys: [{ key: 'password', sizeBytes: 7 }] },
    })
    t.match((await ask('bob', 'preview')).stderr, /User "bob" cannot use resource "secretstores"/)
    t.match((await ask('eve', 'refresh')).stderr, /User "eve" cannot create resource "externalsecrets\/refresh"/)
  })

  await t.test(
    'a right that is taken away stops the refresh, and the namespace`s own accounts may have it',
    async (t) => {
      await kubectl.ok('delete rolebinding ann-uses')
      await until(async () => (await condition('ann')).startsWith('refreshing has stopped'))
      t.match(await condition('ann'), /neither User "ann" nor Group "system:serviceaccounts:default" can use/)
      t.equal((await kubectl.run(['get', 'secret', 'ann'])).code, 0, 'the Secret stays')
      await kubectl.ok('create rolebinding accounts-use --role=store-user --group=system:serviceaccounts:default')
      await until(async () => (await condition('ann')) === 'secret synced')
    },
  )
})

import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  AggregatedServer,
  knows,
  kubectlOf,
  leadTo,
  prepareCluster,
} from '../support/kube-cluster/aggregated-server.ts'
import { collectorHasPassed } from '../support/kube-cluster/collector.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { oneSync } from '../support/kube-cluster/one-sync.ts'
import { skipWithout } from '../support/peers.ts'
import { program } from '../support/program.ts'
import { until } from '../support/until.ts'

/** The way back from a store that is refused: `restore --server`, as operators run it. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')

t.test('whoever may restores past kube-apiserver what a refused store has lost', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ controllerManager: true, fsync: false })
  await prepareCluster(cluster)
  await cluster.apply(restorers)
  using kubectl = kubectlOf(cluster)
  const kept = (name: string): string => join(cluster.folder, name)
  const store = kept('data/store')
  const extra = oneSync().replaceAll('name: db', 'name: extra')
  const run = async (user: string, ...words: string[]): Promise<string> => {
    const kubeconfig = user === 'admin' ? cluster.kubeconfig : await cluster.kubeconfigFor(user)
    const { stdout, stderr } = await program(...words, '--kubeconfig', kubeconfig)
    return stdout + stderr
  }
  const restore = (user: string, ...words: string[]) => run(user, 'restore', '--from', kept('snapshot'), ...words)
  const names = () => kubectl.ok('get externalsecrets -o jsonpath={.items[*].metadata.name}')
  const secrets = () =>
    kubectl.ok('get secrets -o jsonpath={.items[*].metadata.uid}/{.items[*].metadata.resourceVersion}')
  const secretOf = (name: string, what: string) => kubectl.ok(`get secret ${name} -o jsonpath={.metadata.${what}}`)
  const refusal = async (): Promise<string> => (await kubectl.run(['get', 'externalsecrets'])).stderr

  {
    await using _ = await AggregatedServer.start(cluster)
    await cluster.served(['/apis/external-secrets.io/v1'])
    await knows(kubectl, 'externalsecrets')
    await kubectl.ok('apply -f -', oneSync())
    await kubectl.ok('wait --for=condition=Ready externalsecret/db --timeout=30s')
    t.match(await run('admin', 'snapshot', '--out', kept('snapshot')), /^store .* at revision \d+: \d+ records\n$/)
    await kubectl.ok('apply -f -', extra)
    await kubectl.ok('wait --for=condition=Ready externalsecret/extra --timeout=30s')
  }
  writeFileSync(kept('cut'), readFileSync(kept('snapshot')).subarray(0, -1))
  const before = await secretOf('db', 'uid')
  renameSync(store, kept('with-extra'))

  await t.test('an empty one', async (t) => {
    // As one that is not ready is found: kube-apiserver leads to nobody, and a port-forward to the pod.
    await using server = await AggregatedServer.start(cluster, { isServed: false })
    await leadTo(cluster, server.port, { isReady: false })
    await until(async () => /ServiceUnavailable/.test(await refusal()))
    const untouched = await secrets()
    const direct = ['--server', `https://127.0.0.1:${server.port}`]
    t.match(await restore('admin'), /^the server is not ready, .*--server/)
    t.match(await run('keeper', 'snapshot', '--out', kept('nothing'), ...direct), /: 1 records\n$/)
    t.match(await restore('eve', ...direct), /^--server: APIService v1\.external-secrets\.io, .*read \(Forbidden\)/)
    t.match(
      await restore('reader', ...direct),
      /^it takes rights to snapshots\.external-secrets\.io and to the path \/sn/,
    )
    t.match(await restore('keeper', '--server', cluster.url), /^restore: tls: .* unknown authority\n$/)
    t.match(
      await restore('keeper', '--server', 'https://127.0.0.1:1'),
      /^restore: dial tcp 127\.0\.0\.1:1: .* refused\n$/,
    )
    t.match(await restore('keeper', '--server', '127.0.0.1:1'), /^--server: .*https:\/\/HOST:PORT/)
    t.match(
      await run('keeper', 'restore', '--from', kept('cut'), ...direct),
      /^--from: .*: it was altered, or is not all/,
    )
    await collectorHasPassed(kubectl)
    t.equal(await secrets(), untouched, 'the collector has passed, and nobody has touched a Secret')

    t.equal(await restore('keeper', ...direct), '2 objects restored, 0 others kept, 0 removed\n')
    await leadTo(cluster, server.port)
    await kubectl.ok(`wait --for=condition=Available ${apiServices} --timeout=60s`)
    // What it says of an APIService it does a moment later.
    await cluster.served(['/apis/external-secrets.io/v1/externalsecrets'])
    t.equal(await names(), 'db')
    const uid = await kubectl.ok('get externalsecret db -o jsonpath={.metadata.uid}')
    t.equal(await secretOf('db', 'ownerReferences[*].uid'), uid, 'it owns its Secret')
    await kubectl.ok('wait --for=delete secret/extra --timeout=60s')
    t.equal(await secretOf('db', 'uid'), before, 'whose ExternalSecret is in the snapshot stays')
  })
  rmSync(store, { recursive: true })
  cpSync(kept('with-extra'), store, { recursive: true })

  await t.test('another one, that holds what the snapshot does not', async (t) => {
    await using server = await AggregatedServer.start(cluster)
    const isAnother = async (): Promise<boolean> => /the store is another one/.test(await refusal())
    await until(isAnother)
    const direct = ['--server', `https://127.0.0.1:${server.port}`]
    t.match(
      await restore('keeper', ...direct),
      /^nothing was restored: .*: externalsecrets default\/extra\n--others=keep/,
    )
    t.ok(await isAnother(), 'it is refused still')
    const kept = await restore('keeper', ...direct, '--others=keep')
    t.equal(kept, '2 objects restored, 1 others kept, 0 removed\n')
    await kubectl.ok('wait --for=condition=Ready externalsecret/extra --timeout=60s')
    t.equal(await names(), 'db extra')
    await until(async () => (await kubectl.run(['get', 'secret', 'extra'])).code === 0)
    const removed = await restore('keeper', ...direct, '--others=remove')
    t.equal(removed, '2 objects restored, 0 others kept, 1 removed\n')
    await kubectl.ok('wait --for=delete secret/extra --timeout=60s')
    t.equal(await names(), 'db')
    t.equal(await secretOf('db', 'uid'), before, 'and at no moment was it deleted')
  })
})

const apiServices = ['v1', 'v1beta1', 'v1alpha1', 'v1alpha1.generators']
  .map((version) => `apiservice/${version}.external-secrets.io`)
  .join(' ')

const rbac = 'rbac.authorization.k8s.io'
const role = (name: string, rules: readonly object[], users: readonly string[]) => [
  { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
    subjects: users.map((user) => ({ kind: 'User', name: user, apiGroup: rbac })),
  },
]

const find = { apiGroups: ['apiregistration.k8s.io'], resources: ['apiservices'], verbs: ['get'] }

/** docs/operations.md: a reader finds the server, and a keeper may restore as well. */
const restorers = [
  ...role('find', [{ ...find, resourceNames: ['v1.external-secrets.io'] }], ['reader', 'keeper']),
  ...role(
    'restore',
    [
      { apiGroups: ['external-secrets.io'], resources: ['snapshots'], verbs: ['get', 'update'] },
      { nonResourceURLs: ['/snapshot'], verbs: ['get', 'put'] },
    ],
    ['keeper'],
  ),
]

import t from 'tap'
import {
  AggregatedServer,
  kubectlOf,
  namespaceFlags,
  prepareCluster,
  serverUser,
} from '../support/kube-cluster/aggregated-server.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { skipWithout } from '../support/peers.ts'
import { until } from '../support/until.ts'

/** Two processes, one of which synchronizes. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')
/** So that a killed leader is soon followed. */
const short = ['--leader-elect-lease-duration', '8s', '--leader-elect-renew-deadline', '5s']
const shared = ['--leader-elect-resource-namespace', 'external-secrets', '--register-api-services=false']

t.test('the lead goes over at once from who ends, and after the lease from who is killed', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ fsync: false })
  await prepareCluster(cluster)
  using kubectl = kubectlOf(cluster)
  const lease = 'get lease -n external-secrets external-secrets-syncer -o'
  const holder = () => kubectl.ok(`${lease} jsonpath={.spec.holderIdentity}`)

  // Each has a store of its own, and so a namespace in which that one is known.
  await kubectl.ok('create clusterrole keeps-store --verb=get,create,update,patch --resource=configmaps')
  await kubectl.ok(`create clusterrolebinding keeps-store --clusterrole=keeps-store --user=${serverUser}`)
  const start = async (name: string): Promise<AggregatedServer> => {
    await kubectl.ok(`create namespace ${name}`)
    return AggregatedServer.start(cluster, { name, flags: [...short, ...shared, ...namespaceFlags(name)] })
  }
  const leads = ({ log }: AggregatedServer): boolean => log.includes('"msg":"leading"')
  await using first = await start('first')
  await until(async () => leads(first))
  const firstHolder = await holder()
  await using second = await start('second')
  t.equal(await holder(), firstHolder)
  t.notOk(leads(second))

  await first.kill('SIGTERM')
  await until(async () => leads(second))
  const secondHolder = await holder()
  t.not(secondHolder, firstHolder)

  await using third = await start('third')
  await second.kill('SIGKILL')
  t.equal(await holder(), secondHolder, 'a killed process gives nothing back')
  await until(async () => leads(third))
  t.equal(await kubectl.ok(`${lease} jsonpath={.spec.leaseTransitions}`), '2')

  cluster.signal('kube-apiserver', 'SIGSTOP')
  const begunMs = performance.now()
  await third.kill('SIGTERM')
  cluster.signal('kube-apiserver', 'SIGCONT')
  const tookMs = performance.now() - begunMs
  t.ok(tookMs < 20_000, `nobody waits for a cluster that hangs: ${Math.round(tookMs)} ms`)
  t.notMatch(third.log, /did not end in order|gave up|"level":"error"/)
})

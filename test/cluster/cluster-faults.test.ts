// A cluster in which things break. The long form is a part of `npm run faults`: --objects 3000 --outage 60.
import t from 'tap'
import { AggregatedServer, kubectlOf, prepareCluster, serverUser } from '../support/kube-cluster/aggregated-server.ts'
import { AuditLog } from '../support/kube-cluster/audit-log.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { skipWithout } from '../support/peers.ts'
import { Relay } from '../support/relay.ts'
import { aReplacedAuthority } from './faults/front-proxy.ts'
import { aKilledLeader, aStoppedLeader, killedUnderLoad } from './faults/leaders.ts'
import { aCutFlow, anOutage } from './faults/outages.ts'
import { flags, type Following, kubeconfigOf, objectCount, outageMs, type Scene } from './faults/scene.ts'
import { SyncLoad } from './faults/sync-load.ts'

const skip = skipWithout(...clusterPeers, 'kubectl-v35')
t.setTimeout(180_000 + objectCount * 200 + outageMs * 10)

t.test('what breaks in a cluster loses nothing, takes nothing away, and is soon forgotten', { skip }, async (t) => {
  using audit = new AuditLog(serverUser)
  await using cluster = await KubeCluster.start({
    controllerManager: true,
    fsync: false,
    apiserverFlags: audit.flags,
  })
  await prepareCluster(cluster)
  using kubectl = kubectlOf(cluster)
  await using api = cluster.client()
  await using relay = await Relay.open(Number(new URL(cluster.url).port))
  const scene: Scene = { cluster, audit, kubectl, api, load: new SyncLoad(api, 'load') }
  const creating = await killedUnderLoad(scene)
  const kubeconfig = await kubeconfigOf(scene, 'server', `https://127.0.0.1:${relay.port}`)
  await using server = await AggregatedServer.start(cluster, { flags, kubeconfig })
  const following: Following = { ...scene, server, relay, kubeconfig }

  await t.test('a leader that is killed under load is followed, nothing is lost or written twice', (t) =>
    aKilledLeader(t, following, creating),
  )
  await t.test('a leader that was stopped where it stood writes nothing over the next one', (t) =>
    aStoppedLeader(t, following),
  )
  await t.test('a flow that is cut without a word is noticed, and its watches go on where they were', (t) =>
    aCutFlow(t, following),
  )
  await t.test('etcd hangs and kube-apiserver dies: that is said, no Secret is touched, and soon all is well', (t) =>
    anOutage(t, following),
  )
  await t.test('an authority of the front proxy that is replaced is followed, and an expired certificate is not', (t) =>
    aReplacedAuthority(t, following),
  )
  t.notMatch(server.log, /a part gave up|a pass failed/)
})

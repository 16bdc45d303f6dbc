import t from 'tap'
import { statements } from '../conformance/catalog.ts'
import { type Outcome, playAll } from '../conformance/suite.ts'
import { type AnotherServer, anotherServer } from '../conformance/target.ts'
import {
  AggregatedServer,
  kubectlOf,
  namespaceFlags,
  prepareCluster,
  serverUser,
} from '../support/kube-cluster/aggregated-server.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { skipWithout } from '../support/peers.ts'

/** The statements about a server itself, played with one that lives in a cluster, as kube-apiserver finds it. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')
const ofServers = statements.filter(({ number }) => number >= 195 && number <= 204)
const alone = ['--enable-test-kinds', '--register-api-services=false', '--leader-elect=false']

t.setTimeout(235_000)
t.test('a server in a cluster keeps what is said of servers', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ fsync: false })
  await prepareCluster(cluster)
  using kubectl = kubectlOf(cluster)
  await using namespaces = cluster.client()
  // Each has a store of its own, and so a namespace in which that one is known.
  await kubectl.ok('create clusterrole keeps-store --verb=get,create,update,patch --resource=configmaps')
  await kubectl.ok(`create clusterrolebinding keeps-store --clusterrole=keeps-store --user=${serverUser}`)
  const master = await cluster.pki.client('master', ['system:masters'])
  const start = (name: string, ...flags: readonly string[]): Promise<AggregatedServer> => {
    const own = [...alone, ...namespaceFlags(name), ...flags]
    return AggregatedServer.start(cluster, { name, flags: own, isServed: false })
  }
  let count = 0
  const another = async (flags: readonly string[]): Promise<AnotherServer> => {
    const name = `another-${(count += 1)}`
    await kubectl.ok(`create namespace ${name}`)
    const server = await start(name, ...flags)
    return anotherServer(server, server.direct(master))
  }

  await kubectl.ok('create namespace first')
  let server = await start('first')
  t.teardown(() => server[Symbol.asyncDispose]())
  await using api = server.direct(master)
  const restart = async (): Promise<void> => {
    await server.kill('SIGTERM')
    server = await start('first', '--listen', `127.0.0.1:${server.port}`)
  }
  const outcomes: Outcome[] = []
  const target = { api, namespaces, answersAs: 'native', isThrownAway: true, control: { another, restart } } as const
  await playAll(target, { chosen: ofServers, jobs: 3, report: (outcome) => outcomes.push(outcome) })
  t.equal(outcomes.length, 10)
  for (const { name, detail } of outcomes) t.equal(detail, undefined, name)
})

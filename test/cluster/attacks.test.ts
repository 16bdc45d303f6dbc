import t from 'tap'
import { kustomized } from '../manifests/rendering.ts'
import { accountKubeconfig } from '../support/kube-cluster/account-kubeconfig.ts'
import { AggregatedServer, kubectlOf } from '../support/kube-cluster/aggregated-server.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { skipWithout } from '../support/peers.ts'
import { floodsAreOutlived } from './attacks/floods.ts'
import { identitiesAreProven, registrationsArePutRight, roguesGetNothing } from './attacks/impostors.ts'
import { ownAccountsStayHere } from './attacks/own-accounts.ts'
import { namespace, type Scene, serviceName } from './attacks/scene.ts'
import {
  neighboursTouchNothing,
  nothingCrossesNamespaces,
  nothingIsTold,
  theTokenFindsNothing,
} from './attacks/thefts.ts'

/** Threats T01 to T04 and T07 of docs/security.md, tried on what the manifests install. T05: use-right.test.ts. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')
const flags = [
  '--max-requests-inflight=10',
  '--max-user-queue-length=5',
  '--header-timeout=3s',
  '--body-timeout=3s',
  '--loglevel=debug',
]

t.test('who attacks the server, its way to the cluster or its neighbours gets nothing', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ controllerManager: true, fsync: false })
  using kubectl = kubectlOf(cluster)
  await using api = cluster.client()
  const base = { apiVersion: 'v1', kind: 'List', items: kustomized('base') }
  await kubectl.ok('apply --server-side -f -', JSON.stringify(base))
  for (const each of ['evil', 'victim']) await kubectl.ok(`create namespace ${each}`)
  await kubectl.ok('create rolebinding mallory -n evil --clusterrole=edit --user=mallory')
  await kubectl.ok('create rolebinding ann -n victim --clusterrole=edit --user=ann')
  const token = (await kubectl.ok(`create token ${serviceName} -n ${namespace}`)).trim()
  const kubeconfig = accountKubeconfig(cluster, token)
  await using server = await AggregatedServer.start(cluster, { flags, kubeconfig })
  await kubectl.ok(`wait --for=condition=Available apiservice/v1.external-secrets.io --timeout=60s`)
  const scene: Scene = { cluster, kubectl, api, server }

  await t.test('T01: headers that name a user are believed of the front proxy alone', (t) =>
    identitiesAreProven(t, scene),
  )
  await t.test('T01: a registration that was tampered with is put right', (t) => registrationsArePutRight(t, scene))
  await t.test('T01, T07: a rogue server behind our Service is sent nothing', (t) => roguesGetNothing(t, scene))
  await t.test('T03: the token of the server neither lists nor watches', (t) => theTokenFindsNothing(t, scene, token))
  await t.test('T03: a Secret of another namespace cannot be had', (t) => nothingCrossesNamespaces(t, scene))
  await t.test('T03, T04: the account and the keys of the server are shown to no provider', (t) =>
    ownAccountsStayHere(t, scene),
  )
  await t.test('T07: another workload in our namespace touches nothing', (t) => neighboursTouchNothing(t, scene))
  await t.test('T02: a flood by one user disturbs nobody else', (t) => floodsAreOutlived(t, scene))
  await t.test('T03: metrics, logs and debug paths say nothing of values', (t) => nothingIsTold(t, scene))
})

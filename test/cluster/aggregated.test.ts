import t from 'tap'
import { type Outcome, playAll } from '../conformance/suite.ts'
import { clusterPeers } from '../support/kube-cluster/kube-cluster.ts'
import { skipWithout } from '../support/peers.ts'
import { judgedByTheCluster } from './aggregated-admission.ts'
import { syncedIntoTheCluster } from './aggregated-syncing.ts'
import { clusterStatements } from './statements/catalog.ts'
import { World } from './statements/world.ts'

/** The program behind a real kube-apiserver, with the controllers of a cluster. */
const kubectls = ['kubectl-v37', 'kubectl-v35', 'kubectl-v31', 'kubectl-v28', 'kubectl-v20'] as const
const skip = skipWithout(...clusterPeers, ...kubectls, 'helm-v3', 'helm-v4')

t.setTimeout(235_000)
t.test('in a cluster', { skip }, async (t) => {
  await using world = await World.open()

  await t.test('a manifest becomes a Secret of the cluster', (t) => syncedIntoTheCluster(t, world))

  await t.test('policies and webhooks of the cluster judge what is written through our server', (t) =>
    judgedByTheCluster(t, world),
  )

  await t.test('the numbered statements hold', async (t) => {
    const outcomes: Outcome[] = []
    await playAll(
      { api: world.admin, answersAs: 'native', isThrownAway: true },
      {
        chosen: clusterStatements(world),
        jobs: 4,
        report: (outcome) => outcomes.push(outcome),
      },
    )
    for (const { name, result, detail } of outcomes.toSorted(byNumber)) {
      if (result === 'skipped') t.pass(name, { skip: detail ?? '' })
      else t.equal(detail, undefined, name)
    }
  })
})

function byNumber(left: Outcome, right: Outcome): number {
  return Number.parseInt(left.name) - Number.parseInt(right.name)
}

import t from 'tap'
import { statements } from '../conformance/catalog.ts'
import { applyTestKinds } from '../conformance/custom-resources.ts'
import { playAll } from '../conformance/suite.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { skipWithout } from '../support/peers.ts'

/** A test of the test: what a real kube-apiserver does not do, no server can be held to. */
const skip = skipWithout(...clusterPeers)
const skipsMax = 25

t.test('the numbered statements hold for custom resources on a kube-apiserver', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ controllerManager: true, fsync: false })
  await using api = cluster.client()
  await applyTestKinds(cluster)
  let skips = 0
  await playAll(
    { api, answersAs: 'custom-resources' },
    {
      chosen: statements,
      jobs: 4,
      report: ({ name, result, detail }) => {
        if (result === 'skipped') skips += 1
        if (result === 'skipped') t.pass(name, { skip: detail ?? '' })
        else t.equal(detail, undefined, name)
      },
    },
  )
  t.ok(skips <= skipsMax, `${skips} skips`)
})

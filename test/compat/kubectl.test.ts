import t from 'tap'
import { Kubectl } from '../support/kubectl.ts'
import { type PeerName, peerPath, skipWithout } from '../support/peers.ts'
import { ServerProcess } from '../support/server-process.ts'
import { batchChecks } from './kubectl/batches.ts'
import { coreKindChecks } from './kubectl/core-kinds.ts'
import { dailyChecks } from './kubectl/daily.ts'
import { readingChecks } from './kubectl/reading.ts'

/** What people do with kubectl, each a test of its own, in order: later ones find what earlier ones made. */
const checks = [...dailyChecks, ...readingChecks, ...coreKindChecks, ...batchChecks]

// Each check starts kubectl several times: a busy machine needs more than the half minute that a file has by itself.
t.setTimeout(120_000)
t.jobs = 2
for (const [version, peer] of [
  ['1.35', 'kubectl-v35'],
  ['1.28', 'kubectl-v28'],
] as const satisfies readonly (readonly [string, PeerName])[]) {
  t.test(`kubectl ${version}`, { skip: skipWithout(peer), buffered: true }, async (t) => {
    await using server = await ServerProcess.start(['--storage-backend', 'memory'])
    using kubectl = new Kubectl(peerPath(peer), server.kubeconfig)
    for (const [name, run, since] of checks) {
      if (since === undefined || since === version) await t.test(name, (t) => run(t, kubectl))
    }
  })
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { Kubectl } from '../support/kubectl.ts'
import { peerPath, skipWithout } from '../support/peers.ts'
import { chartFolder } from './rendering.ts'

const skip = skipWithout(...clusterPeers, 'kubectl-v35', 'helm-v3', 'helm-v4')
const namespace = 'external-secrets'

t.test('Helm 3 and 4 install the chart, upgrade it and take it away', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ fsync: false })
  using kubectl = new Kubectl(peerPath('kubectl-v35'), cluster.kubeconfig)
  for (const helm of ['helm-v3', 'helm-v4'] as const) {
    const run = async (...words: readonly string[]): Promise<string> => {
      const child = spawn(peerPath(helm), [...words, '--namespace', namespace, '--kubeconfig', cluster.kubeconfig], {
        env: { HOME: kubectl.home, PATH: process.env['PATH'] ?? '' },
      })
      let said = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += String(bytes)))
      const [code] = (await once(child, 'close')) as [number]
      t.equal(code, 0, `${helm} ${words.join(' ')}: ${said}`)
      return said
    }
    t.match(await run('install', 'eso', chartFolder, '--create-namespace'), /STATUS: deployed/)
    await kubectl.ok('patch apiservice v1.external-secrets.io --type=merge -p {"spec":{"caBundle":"YQ=="}}')
    await run(
      'upgrade',
      'eso',
      chartFolder,
      '--set',
      'accessPolicies.enabled=true',
      '--set',
      'extraArgs={--loglevel=debug}',
    )
    const kept = await kubectl.ok('get apiservice v1.external-secrets.io -o jsonpath={.spec.caBundle}')
    t.equal(kept, 'YQ==', 'what the server wrote outlives an upgrade')
    await run('uninstall', 'eso')
    const left = await kubectl.ok('get apiservices,clusterroles,validatingadmissionpolicies -o name')
    t.notMatch(left, /external-secrets/)
  }
})

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { findGoProgram } from '../../hack/peers/go-program.mjs'
import { AggregatedServer, knows, kubectlOf, prepareCluster } from '../support/kube-cluster/aggregated-server.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { oneSync } from '../support/kube-cluster/one-sync.ts'
import { skipWithout } from '../support/peers.ts'

/** Of statement 208: Flux's library that applies a Kustomization and finds drift, without the controllers around it. */
const found = findGoProgram('flux-apply', join(import.meta.dirname, '../../../test/cluster/flux-apply'))
if ('reason' in found && process.env['REQUIRE_PEERS'] === '1') throw new Error(found.reason)
const program = 'path' in found ? found.path : ''
const skip = skipWithout(...clusterPeers, 'kubectl-v35') || ('reason' in found && found.reason)

/** As people write them: an older version, what is a default anyway, a duration in another form. */
const more = `---
apiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
metadata: {name: older, namespace: default}
spec:
  refreshInterval: 1h0m0s
  secretStoreRef: {name: fake, kind: SecretStore}
  target: {name: older, creationPolicy: Owner, template: {engineVersion: v2, data: {a: '{{ .password }}'}}}
  data: [{secretKey: password, remoteRef: {key: /db, conversionStrategy: Default}}]
---
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: shared}
spec: {conditions: [{namespaces: [shop]}], provider: {fake: {data: [{key: /db, value: hunter2}]}}}
---
apiVersion: generators.external-secrets.io/v1alpha1
kind: Password
metadata: {name: password, namespace: default}
spec: {length: 20, noUpper: false, allowRepeat: true}
`
const subjects = [
  'ClusterSecretStore/shared',
  'ExternalSecret/default/db',
  'ExternalSecret/default/older',
  'Password/default/password',
  'SecretStore/default/fake',
]

t.test('Flux finds no drift in what it has applied, also when the server has told of it', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ fsync: false })
  await prepareCluster(cluster)
  await using _ = await AggregatedServer.start(cluster)
  using kubectl = kubectlOf(cluster)
  await knows(kubectl, 'externalsecrets', 'passwords')
  const manifests = join(cluster.folder, 'kustomization.yaml')
  writeFileSync(manifests, oneSync() + more)
  const flux = spawn(program, [cluster.kubeconfig, manifests], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => flux.kill())
  const lines = createInterface({ input: flux.stdout })[Symbol.asyncIterator]()
  const reconcile = async (): Promise<readonly string[]> => {
    flux.stdin.write('\n')
    const changes: string[] = []
    for (;;) {
      const line: IteratorResult<string, unknown> = await lines.next()
      if (line.done === true) throw new Error(`flux ended after ${changes.join(', ')}`)
      if (line.value === 'applied') return changes.toSorted()
      changes.push(line.value)
    }
  }
  const all = (action: string): readonly string[] => subjects.map((subject) => `${subject} ${action}`)

  t.strictSame(await reconcile(), all('created'))
  await kubectl.ok('wait --for=condition=Ready externalsecret --all --timeout=30s')
  t.strictSame(await reconcile(), all('unchanged'))
  writeFileSync(manifests, oneSync({ refreshInterval: '5m' }) + more)
  const [changed = '', ...rest] = ['ExternalSecret/default/db', ...subjects.filter((each) => !each.endsWith('/db'))]
  const expected = [`${changed} configured`, ...rest.map((subject) => `${subject} unchanged`)]
  t.strictSame(await reconcile(), expected.toSorted())
  await kubectl.ok('annotate externalsecret older note=by-hand')
  t.strictSame(await reconcile(), all('unchanged'), 'what is not its own is no drift')
  await kubectl.ok('patch externalsecret older --type=merge -p {"spec":{"refreshInterval":"7m"}}')
  t.ok((await reconcile()).includes('ExternalSecret/default/older configured'), 'what is its own is put back')
  t.strictSame(await reconcile(), all('unchanged'))
})

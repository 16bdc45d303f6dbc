import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { oneSync } from '../support/kube-cluster/one-sync.ts'
import { Kubectl, lineMatching } from '../support/kubectl.ts'
import { peerPath, skipWithout } from '../support/peers.ts'
import { until } from '../support/until.ts'
import { judgedByTheCluster } from './aggregated-admission.ts'

/** The program behind a real kube-apiserver. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')
const main = join(import.meta.dirname, '../../bundle/main.js')
const namespace = 'external-secrets'

/** What a cluster needs to find the server on loopback; versions served through it. */
function registration(port: number, authorityPem: string): readonly Registered[] {
  const metadata = { name: 'apiserver', namespace }
  const apiService = (version: string, versionPriority: number): Registered => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.external-secrets.io` },
    spec: {
      group: 'external-secrets.io',
      version,
      groupPriorityMinimum: 1000,
      versionPriority,
      caBundle: Buffer.from(authorityPem).toString('base64'),
      service: { ...metadata, port: 443 },
    },
  })
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'https', port: 443 }] } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'apiserver' } },
      addressType: 'FQDN',
      endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
      ports: [{ name: 'https', port, protocol: 'TCP' }],
    },
    apiService('v1', 100),
  ]
}

interface Registered {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: object }
  readonly [member: string]: unknown
}

const manifests = oneSync({ refreshPolicy: 'OnChange' })

/** A Secret is read as the ServiceAccount `reader`, and copied. */
function copying({ url, kubeconfig }: KubeCluster): string {
  const [, caBundle = ''] = /certificate-authority-data"?: "?([^"\s]+)/.exec(readFileSync(kubeconfig, 'utf8')) ?? []
  return `
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: own, namespace: default}
spec:
  provider:
    kubernetes:
      server: {url: "${url}", caBundle: "${caBundle}"}
      auth: {serviceAccount: {name: reader}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: copy, namespace: default}
spec:
  secretStoreRef: {name: own, kind: SecretStore}
  refreshPolicy: OnChange
  data: [{secretKey: key, remoteRef: {key: origin, property: key}}]
`
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

t.test('through kube-apiserver a manifest becomes a Secret of the cluster, for those who may', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ controllerManager: true, fsync: false })
  await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }])
  const data = join(cluster.folder, 'data')
  const address = [
    '--data-dir',
    data,
    '--listen',
    '127.0.0.1:0',
    '--tls-san',
    `apiserver.${namespace}.svc`,
    '--register-api-services=false',
    '--provider-allow-networks',
    '127.0.0.0/8',
  ]
  const child = spawn(
    process.execPath,
    [main, 'serve', '--aggregated', '--kubeconfig', cluster.kubeconfig, ...address],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  try {
    const line = await lineMatching(child, /^serving on /)
    const port = Number(new URL(line.replace('serving on ', '')).port)
    await cluster.apply(registration(port, readFileSync(join(data, 'pki/ca.crt'), 'utf8')))
    await cluster.served(['/apis/external-secrets.io/v1'])
    using kubectl = new Kubectl(peerPath('kubectl-v35'), cluster.kubeconfig)

    await t.test('a Secret appears, owned by its ExternalSecret', async (t) => {
      await kubectl.ok('apply -f -', manifests)
      const secret = ['get', 'secret', 'db', '-o', 'json']
      await until(async () => (await kubectl.run(secret)).code === 0)
      const { stdout } = await kubectl.run(secret)
      const { data: poured, metadata } = JSON.parse(stdout) as { data: object; metadata: object }
      t.same(poured, { password: Buffer.from('hunter2').toString('base64') })
      t.match(metadata, { ownerReferences: [{ kind: 'ExternalSecret', name: 'db' }] })
      await kubectl.ok('wait --for=condition=Ready externalsecret/db --timeout=30s')
    })

    await t.test('a store logs in with a token of a ServiceAccount that the cluster issues', async (t) => {
      await kubectl.ok('create serviceaccount reader')
      await kubectl.ok('create role reader --verb=get,list,watch --resource=secrets')
      await kubectl.ok('create rolebinding secrets --role=reader --serviceaccount=default:reader')
      await kubectl.ok('create secret generic origin --from-literal=key=from-afar')
      await kubectl.ok('apply -f -', copying(cluster))
      await kubectl.ok('wait --for=condition=Ready externalsecret/copy --timeout=30s')
      const { stdout } = await kubectl.run(['get', 'secret', 'copy', '-o', 'jsonpath={.data.key}'])
      t.equal(Buffer.from(stdout, 'base64').toString(), 'from-afar')
    })

    await t.test('who has no rights is told so by our server, in its own name', async (t) => {
      const refused = await kubectl.refused('get', 'externalsecrets', '--as', 'bob')
      t.match(
        refused,
        /Forbidden.*User "bob" cannot list resource "externalsecrets" in API group "external-secrets.io"/,
      )
      await kubectl.ok('create clusterrole reader --verb=list --resource=externalsecrets.external-secrets.io')
      await kubectl.ok('create rolebinding reader --clusterrole=reader --user=ann')
      await until(async () => (await kubectl.run(['get', 'externalsecrets', '--as', 'ann'])).code === 0)
      t.match(await kubectl.refused('get', 'externalsecrets', '--as', 'bob'), /Forbidden/)
    })

    await t.test('nothing is created in a namespace that the cluster does not have', async (t) => {
      const lost = manifests.replaceAll('namespace: default', 'namespace: nowhere')
      const { code, stderr } = await kubectl.run(['create', '-f', '-'], { input: lost })
      t.equal(code, 1)
      t.match(stderr, /namespaces "nowhere" not found/)
    })

    await t.test('policies and webhooks of the cluster judge what is written through our server', (t) =>
      judgedByTheCluster(t, { cluster, kubectl }),
    )
  } finally {
    await end(child)
  }
})

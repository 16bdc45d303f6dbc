import t, { type Test } from 'tap'
import { kinds } from '../../kinds/catalog.gen.ts'
import { providerSpecs } from '../../providers/catalog.gen.ts'
import { listOf } from '../support/api-client.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { Kubectl } from '../support/kubectl.ts'
import { peerPath, skipWithout } from '../support/peers.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { find, kustomized } from './rendering.ts'

/** The policies as kube-apiserver evaluates them, on definitions of our kinds without a schema, and as we do. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')

const kept = kinds.filter(({ review }) => review === undefined)
const definitions = kept.map(({ group, names, scope }) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${names.plural}.${group}` },
  spec: {
    group,
    names: { kind: names.kind, plural: names.plural },
    scope: scope === 'namespaced' ? 'Namespaced' : 'Cluster',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}))

function anObject(kind: string, spec: object, namespace = 'default'): string {
  const metadata = { name: 'one', ...(kind !== 'ClusterSecretStore' && { namespace }) }
  return JSON.stringify({ apiVersion: 'external-secrets.io/v1', kind, metadata, spec })
}

const fake = { provider: { fake: { data: [] } } }
const aws = { provider: { aws: { service: 'SecretsManager', region: 'eu-west-1' } } }
const auth = { tokenSecretRef: { name: 'token', key: 'key', namespace: 'default' } }
const vault = (server: string): object => ({ provider: { vault: { server, path: 'kv', auth } } })
const openBao = (server: string): object => ({ provider: { openBao: { server, path: 'kv', auth } } })
const secretStoreRef = { name: 'own' }
const data = (key: string): object => ({ secretStoreRef, data: [{ secretKey: 'a', remoteRef: { key } }] })
const all = { secretStoreRef, dataFrom: [{ find: { name: { regexp: '.*' } } }] }
const typed = (type: string): object => ({ ...data('db'), target: { template: { type } } })

const cases: readonly (readonly [string, string, RegExp | 'accepted'])[] = [
  ['a provider of the list', anObject('SecretStore', aws), 'accepted'],
  ['another provider', anObject('SecretStore', fake), /providers that may be used: vault, openBao, aws, kubernetes/],
  ['Vault over TLS', anObject('SecretStore', vault('https://vault:8200')), 'accepted'],
  ['Vault without TLS', anObject('SecretStore', vault('http://vault:8200')), /Vault is spoken to over https alone/],
  ['OpenBao over TLS', anObject('SecretStore', openBao('https://bao:8200')), 'accepted'],
  ['OpenBao without TLS', anObject('SecretStore', openBao('http://bao:8200')), /OpenBao is spoken to over https alone/],
  ['a store for everybody', anObject('ClusterSecretStore', vault('https://v')), /which namespaces may use it/],
  [
    'a store for some',
    anObject('ClusterSecretStore', { ...vault('https://v'), conditions: [{ namespaces: ['a'] }] }),
    'accepted',
  ],
  ['a target of the list', anObject('ExternalSecret', typed('Opaque')), 'accepted'],
  [
    'a token of a ServiceAccount',
    anObject('ExternalSecret', typed('kubernetes.io/service-account-token')),
    /types that a target may have: Opaque/,
  ],
  ['any key where namespaces share', anObject('ExternalSecret', data('other/db')), 'accepted'],
  ['a key of its own', anObject('ExternalSecret', data('tenant/db'), 'tenant'), 'accepted'],
  ["another tenant's key", anObject('ExternalSecret', data('other/db'), 'tenant'), /keys begin with tenant\//],
  [
    "a name that begins like one's own",
    anObject('ExternalSecret', data('tenant2/db'), 'tenant'),
    /begin with tenant\//,
  ],
  ['everything there is', anObject('ExternalSecret', all, 'tenant'), /keys and paths begin with tenant\//],
]

t.test('the policies refuse what they are there for, and nothing else', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ fsync: false })
  using kubectl = new Kubectl(peerPath('kubectl-v35'), cluster.kubeconfig)
  await cluster.apply(definitions)
  await cluster.served(['/apis/external-secrets.io/v1'], 'clustersecretstores')
  await judges(t, kubectl)
})

t.test('and so they do where the server itself evaluates them', { skip: skipWithout('kubectl-v35') }, async (t) => {
  await using server = await ServerProcess.start(['--storage-backend', 'memory'])
  using kubectl = new Kubectl(peerPath('kubectl-v35'), server.kubeconfig)
  await judges(t, kubectl)
})

t.test('every provider that may be used is one', { skip: skipWithout('kubectl-v35') }, (t) => {
  const policy = find(kustomized('overlays/everything'), 'ValidatingAdmissionPolicy external-secrets-stores')
  const [providers] = listOf(policy['spec']?.['variables'])
  const names = [...String(providers?.['expression']).matchAll(/'(\w+)'/g)].map(([, name]) => String(name))
  t.ok(names.length > 1)
  for (const name of names) t.ok(providerSpecs.map((spec) => spec.name).includes(name), name)
  t.end()
})

async function judges(t: Test, kubectl: Kubectl): Promise<void> {
  await kubectl.ok('create namespace tenant')
  await kubectl.ok('label namespace tenant external-secrets.io/own-keys=true')
  const policies = kustomized('overlays/everything').filter(({ kind }) => /^ValidatingAdmission/.test(String(kind)))
  await kubectl.ok('apply --server-side -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: policies }))
  const create = (input: string): Promise<{ readonly code: number; readonly stderr: string }> =>
    kubectl.run(['create', '--dry-run=server', '-f', '-'], { input })
  // A server takes a moment to read them, and kubectl is told of the kinds a moment after they are served.
  for (const [, input, expected] of cases) {
    const isSaid = ({ stderr }: { readonly stderr: string }) => expected === 'accepted' || expected.test(stderr)
    await until(async () => isSaid(await create(input))).catch(() => undefined)
  }
  for (const [name, input, expected] of cases) {
    const { code, stderr } = await create(input)
    if (expected === 'accepted') t.equal(code, 0, `${name}: ${stderr}`)
    else t.match(stderr, expected, name)
  }
}

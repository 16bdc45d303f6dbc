import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseOptions } from '../../cmd/options.ts'
import { twoProcesses as namesOf } from '../../cmd/two-processes/names.ts'
import { type Json, listOf } from '../support/api-client.ts'
import { skipWithout } from '../support/peers.ts'
import { baseRights, componentRights, twoProcessesRights } from './allowed-rights.ts'
import { baseWays, componentWays, twoProcessesWays } from './allowed-ways.ts'
import { charted, find, kustomized, nameOf, rightsIn, waysIn } from './rendering.ts'

const skip = skipWithout('kubectl-v35', 'helm-v3', 'helm-v4')
const root = join(import.meta.dirname, '../../..')
const twoProcesses = ['providerEgress', 'watchSecrets', 'twoProcesses'].map((name) => `${name}.enabled=true`)
const everything = ['providerEgress', 'webhookEgress', 'watchSecrets', 'monitoring', 'accessPolicies'].map(
  (name) => `${name}.enabled=true`,
)

function containerOf(objects: readonly Json[], name = 'external-secrets-apiserver'): Json {
  const pod = find(objects, `Deployment external-secrets/${name}`)['spec']?.['template']?.['spec']
  const [container] = listOf(pod?.['containers'])
  if (container === undefined) throw new Error('the Deployment has no container')
  return container
}

function byName(objects: readonly Json[]): Readonly<Record<string, Json>> {
  const entries = objects.map((object) => [nameOf(object), object] as const)
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)))
}

t.test('no right is given but those that are allowed by name', { skip }, (t) => {
  t.strictSame(rightsIn(kustomized('base')), [...baseRights].sort())
  t.strictSame(rightsIn(kustomized('overlays/everything')), [...baseRights, ...componentRights].sort())
  t.strictSame(rightsIn(kustomized('overlays/two-processes')), [...twoProcessesRights].sort())
  t.end()
})

t.test('no way of the network is open but those that are allowed by name', { skip }, (t) => {
  t.strictSame(waysIn(kustomized('base')), [...baseWays].sort())
  t.strictSame(waysIn(kustomized('overlays/everything')), [...baseWays, ...componentWays].sort())
  t.strictSame(waysIn(kustomized('overlays/two-processes')), [...twoProcessesWays].sort())
  t.end()
})

t.test('every flag of the Deployment exists, and its paths, ports and names fit what they mean', { skip }, (t) => {
  const container = containerOf(kustomized('base'))
  const [command, ...args] = listOf(container['args']).map(String)
  t.equal(command, 'serve')
  const options = parseOptions(args, {})
  t.equal(options.aggregated, true)
  const mount = String(listOf(container['volumeMounts'])[0]?.['mountPath'])
  t.ok(options.dataDir.startsWith(`${mount}/`), 'the store lies on the volume, below its root')
  t.equal(`:${String(listOf(container['ports'])[0]?.['containerPort'])}`, options.listen)
  const { name, namespace } = find(kustomized('base'), 'APIService v1.external-secrets.io')['spec']?.[
    'service'
  ] as unknown as { readonly name: string; readonly namespace: string }
  t.strictSame(options.tlsSan, [`${name}.${namespace}.svc`], 'the aggregator finds the name of the Service')
  t.end()
})

t.test('the two processes are told apart by flags, labels and names, and each finds the other', { skip }, async (t) => {
  const rendered = kustomized('overlays/two-processes')
  const optionsOf = (name: string) => {
    const [, ...args] = listOf(containerOf(rendered, name)['args']).map(String)
    return parseOptions(args, {})
  }
  const [api, sync] = [optionsOf('external-secrets-apiserver'), optionsOf('external-secrets-apiserver-sync')]
  t.same([api.serve, sync.serve], ['api', 'sync'])
  const { certificate, syncHost } = await namesOf({ ...api, serviceNamespace: 'external-secrets' })
  const service = find(rendered, `Service external-secrets/${String(syncHost.split('.')[0])}`)
  t.equal(String(listOf(service['spec']?.['ports'])[0]?.['port']), '443', 'where verbs are sent to without a flag')
  t.same(
    listOf(find(rendered, 'Role external-secrets/external-secrets-apiserver-certificate')['rules'])[0]?.[
      'resourceNames'
    ],
    [certificate.name],
  )
  const pods = (name: string) =>
    find(rendered, `Deployment external-secrets/${name}`)['spec']?.['template']?.['metadata']?.['labels']
  t.strictSame(service['spec']?.['selector'], pods('external-secrets-apiserver-sync'))
  const apiService = find(rendered, 'Service external-secrets/external-secrets-apiserver')
  t.strictSame(
    apiService['spec']?.['selector'],
    pods('external-secrets-apiserver'),
    'nobody but the one serves the API',
  )
  t.equal(containerOf(rendered, 'external-secrets-apiserver-sync')['volumeMounts'], undefined)
})

t.test('what cert-manager makes is what the processes look for', { skip }, async (t) => {
  const rendered = kustomized('overlays/cert-manager')
  const wanted = rightsIn(kustomized('overlays/cert-manager'))
  t.strictSame(wanted, [...twoProcessesRights].filter((right) => !right.includes('watch-secrets')).sort())
  for (const [name, which] of [
    ['external-secrets-apiserver', 'certificate'],
    ['external-secrets-apiserver-sync', 'syncCertificate'],
  ] as const) {
    const [, ...args] = listOf(containerOf(rendered, name)['args']).map(String)
    const options = parseOptions(args, {})
    t.equal(options.certificates, 'secret')
    const names = await namesOf({ ...options, serviceNamespace: 'external-secrets' })
    const made = find(rendered, `Certificate external-secrets/${name}`)['spec']
    t.equal(String(made?.['secretName']), names[which].name)
    t.strictSame(made?.['dnsNames'], [which === 'certificate' ? names.apiHost : names.syncHost])
  }
})

t.test('each of the two processes is scraped where it is, and Prometheus gets there', { skip }, async (t) => {
  const [monitored, rendered] = [kustomized('overlays/everything'), kustomized('overlays/two-processes')]
  const { apiHost, syncHost } = await namesOf({ ...parseOptions([], {}), serviceNamespace: 'external-secrets' })
  for (const [name, host] of [
    ['external-secrets-apiserver', apiHost],
    ['external-secrets-apiserver-sync', syncHost],
  ] as const) {
    const monitor = find(monitored, `ServiceMonitor external-secrets/${name}`)['spec']
    const service = find(rendered, `Service external-secrets/${name}`)
    const labels = service['metadata']?.['labels']
    t.strictSame(monitor?.['selector'], { matchLabels: labels }, 'one Service, and not the other one')
    const [endpoint] = listOf(monitor?.['endpoints'])
    t.equal(String(endpoint?.['port']), String(listOf(service['spec']?.['ports'])[0]?.['name']))
    t.equal(String(endpoint?.['tlsConfig']?.['serverName']), host, 'its certificate has this name')
  }
  const policy = find(monitored, 'NetworkPolicy external-secrets/external-secrets-apiserver-sync-metrics')['spec']
  const deployment = find(rendered, 'Deployment external-secrets/external-secrets-apiserver-sync')['spec']
  t.strictSame(policy?.['podSelector'], deployment?.['selector'])
  const [port] = listOf(containerOf(rendered, 'external-secrets-apiserver-sync')['ports'])
  t.match(policy, {
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } } }],
        ports: [{ port: String(port?.['name']) }],
      },
    ],
  })
})

t.test('the pod has time to end, and is alone', { skip }, (t) => {
  const spec = find(kustomized('base'), 'Deployment external-secrets/external-secrets-apiserver')['spec']
  t.match(spec, { replicas: 1, strategy: { type: 'Recreate' } })
  const [, ...args] = listOf(containerOf(kustomized('base'))['args']).map(String)
  const { shutdownDelayDuration, shutdownTimeout } = parseOptions(args, {})
  const graceMs = Number(spec?.['template']?.['spec']?.['terminationGracePeriodSeconds']) * 1000
  t.ok(graceMs > shutdownDelayDuration + 2 * shutdownTimeout, 'the kubelet waits longer than the server takes')
  t.end()
})

t.test('Helm 3 and 4 make of the chart what kustomize makes of the folders', { skip }, (t) => {
  const withoutNamespace = (objects: readonly Json[]): readonly Json[] =>
    objects.filter(({ kind }) => String(kind) !== 'Namespace')
  for (const helm of ['helm-v3', 'helm-v4'] as const) {
    // The chart says what kustomize leaves to the cluster's default.
    const pulled = byName(charted(helm))
    const container = listOf(
      pulled['Deployment external-secrets/external-secrets-apiserver']?.['spec']?.['template']?.['spec']?.[
        'containers'
      ],
    )[0]
    t.equal(String(container?.['imagePullPolicy']), 'IfNotPresent')
    for (const [values, folder] of [
      [[], 'base'] as const,
      [everything, 'overlays/everything'] as const,
      [twoProcesses, 'overlays/two-processes'] as const,
      [['twoProcesses.enabled=true', 'certManager.enabled=true'], 'overlays/cert-manager'] as const,
    ]) {
      const made = JSON.parse(
        JSON.stringify(byName(charted(helm, values))).replaceAll('"imagePullPolicy":"IfNotPresent",', ''),
      ) as unknown
      t.strictSame(made, byName(withoutNamespace(kustomized(folder))), `${helm}: ${folder}`)
    }
  }
  t.end()
})

t.test('values reach the places that they are for', { skip }, (t) => {
  const values = ['image.repository=registry.example/eso', 'image.tag=9', 'storage.className=fast', 'storage.size=5Gi']
  const more = ['extraArgs[0]=--loglevel=debug', 'nodeSelector.disk=ssd', 'serviceAccount.annotations.role=x']
  const objects = charted('helm-v4', [...values, ...more])
  const container = containerOf(objects)
  t.equal(String(container['image']), 'registry.example/eso:9')
  t.equal(String(listOf(container['args']).at(-1)), '--loglevel=debug')
  t.match(find(objects, 'Deployment external-secrets/external-secrets-apiserver'), {
    spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } },
  })
  t.match(find(objects, 'ServiceAccount external-secrets/external-secrets-apiserver'), {
    metadata: { annotations: { role: 'x' } },
  })
  t.match(find(objects, 'PersistentVolumeClaim external-secrets/external-secrets-apiserver'), {
    spec: { storageClassName: 'fast', resources: { requests: { storage: '5Gi' } } },
  })
  t.end()
})

t.test('an identity of a cloud is that of whoever synchronizes, and flags go to both processes', { skip }, (t) => {
  const values = ['serviceAccount.annotations.role=x', 'extraArgs[0]=--loglevel=debug', 'twoProcesses.enabled=true']
  const objects = charted('helm-v4', values)
  const accounts = ['external-secrets-apiserver', 'external-secrets-apiserver-sync'].map((name) => ({
    role: find(objects, `ServiceAccount external-secrets/${name}`)['metadata']?.['annotations']?.['role'],
    isTold: listOf(containerOf(objects, name)['args']).map(String).includes('--loglevel=debug'),
  }))
  t.strictSame(accounts, [
    { role: undefined, isTold: true },
    { role: 'x', isTold: true },
  ])
  t.end()
})

t.test('every component says what it opens', (t) => {
  const folder = join(root, 'manifests/components')
  const names = readdirSync(folder)
  t.ok(names.length > 0)
  for (const name of names) t.match(readFileSync(join(folder, name, 'README.md'), 'utf8'), /\*\*What it opens\.\*\*/)
  t.end()
})

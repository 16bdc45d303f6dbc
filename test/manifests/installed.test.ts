import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { type ApiClient, type Json, listOf } from '../support/api-client.ts'
import { accountKubeconfig } from '../support/kube-cluster/account-kubeconfig.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { oneSync } from '../support/kube-cluster/one-sync.ts'
import { Kubectl, lineMatching } from '../support/kubectl.ts'
import { peerPath, skipWithout } from '../support/peers.ts'
import { until } from '../support/until.ts'
import { find, kustomized } from './rendering.ts'
import { programWords } from '../support/program.ts'

/** What a real cluster makes of the manifests. No kubelet is there: the pod is judged, the program runs beside it. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')
const namespace = 'external-secrets'
const account = `system:serviceaccount:${namespace}:external-secrets-apiserver`

function list(objects: readonly Json[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
}

/** The Prometheus operator's kinds are not in the cluster. */
function known(objects: readonly Json[]): readonly Json[] {
  return objects.filter(({ apiVersion }) => !String(apiVersion).startsWith('monitoring.coreos.com/'))
}

/** The pod that the Deployment would make, with a change to its container. */
function podOf(objects: readonly Json[], containerChange: object = {}): string {
  const template = find(objects, `Deployment ${namespace}/external-secrets-apiserver`)['spec']?.['template']
  const [container] = listOf(template?.['spec']?.['containers'])
  const spec = { ...template?.['spec'], containers: [{ ...container, ...containerChange }] }
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe', namespace }, spec })
}

/** For kube-apiserver, which finds the program on loopback (there are no pods). */
function endpoints(port: number): Json {
  const labels = { 'kubernetes.io/service-name': 'external-secrets-apiserver' }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'program', namespace, labels },
    addressType: 'FQDN',
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  } as unknown as Json
}

async function doctor(kubeconfig: string, data: string): Promise<readonly [number, string]> {
  const words = [...programWords, 'doctor', '--kubeconfig', kubeconfig, '--data-dir', data]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')])
  return [child.exitCode ?? -1, said]
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

/** Asked of kube-apiserver itself: kubectl's words need a discovery that nobody serves yet. */
async function mayInGroup(api: ApiClient, user: string, attributes: object): Promise<boolean> {
  const spec = { user, resourceAttributes: { group: 'external-secrets.io', ...attributes } }
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }
  const { json } = await api.call('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: review })
  return String(json['status']?.['allowed']) === 'true'
}

const objects = oneSync()

t.test('in a real cluster the base is accepted, and gives what it says and no more', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ controllerManager: true, fsync: false })
  using kubectl = new Kubectl(peerPath('kubectl-v35'), cluster.kubeconfig)
  const base = kustomized('base')
  const can = async (...words: readonly string[]): Promise<boolean> =>
    (await kubectl.run(['auth', 'can-i', ...words])).stdout.trim() === 'yes'

  await t.test('every object passes validation by kube-apiserver', async (t) => {
    await kubectl.ok('apply --server-side -f -', list([find(base, `Namespace ${namespace}`)]))
    const answer = await kubectl.ok(
      'apply --server-side --dry-run=server -f -',
      list(known(kustomized('overlays/everything'))),
    )
    t.equal(answer.trim().split('\n').length, known(kustomized('overlays/everything')).length)
  })

  await kubectl.ok('apply --server-side -f -', list(base))

  await t.test('its pod keeps to the restricted level that the namespace enforces', async (t) => {
    await kubectl.ok('create --dry-run=server -f -', podOf(base))
    const loose = podOf(base, { securityContext: {} })
    const refused = await kubectl.run(['create', '--dry-run=server', '-f', '-'], { input: loose })
    t.match(refused.stderr, /violates PodSecurity "restricted/)
  })

  await t.test('the server may name a Secret, and neither list nor watch them', async (t) => {
    const as = `--as=${account}`
    // kube-apiserver hears of roles and bindings by watches of its own.
    const soonCan = async (...words: readonly string[]): Promise<boolean> => {
      await until(() => can(...words)).catch(() => undefined)
      return can(...words)
    }
    for (const verb of ['get', 'create', 'update', 'patch', 'delete'])
      t.ok(await soonCan(verb, 'secrets', '-A', as), verb)
    for (const verb of ['list', 'watch']) t.notOk(await can(verb, 'secrets', '-n', namespace, as), verb)
    t.notOk(await can('create', 'clusterrolebindings', as))
    t.notOk(await can('get', 'configmaps/extension-apiserver-authentication', '-n', 'default', as, '--subresource=x'))
    t.ok(await soonCan('watch', 'configmaps/extension-apiserver-authentication', '-n', 'kube-system', as))
    t.ok(await soonCan('update', 'leases/external-secrets-syncer', '-n', namespace, as))
    t.notOk(await can('update', 'leases/kube-scheduler', '-n', 'kube-system', as))
  })

  await t.test('it may register its own versions, by server-side apply, and nobody else', async (t) => {
    const own = find(base, 'APIService v1alpha1.external-secrets.io')
    const foreign = { ...own, metadata: { name: 'v1.apps.example' }, spec: { ...own['spec'], group: 'apps.example' } }
    await kubectl.ok('delete apiservice v1alpha1.external-secrets.io')
    const apply = ['apply', '--server-side', '--as', account, '-f', '-']
    const made = await kubectl.run(apply, { input: JSON.stringify(own) })
    t.equal(made.code, 0, made.stderr)
    const refused = await kubectl.run(apply, {
      input: JSON.stringify({ ...foreign, spec: { ...foreign.spec, version: 'v1' } }),
    })
    t.match(refused.stderr, /v1\.apps\.example" is forbidden/)
  })

  await t.test('editors may use the stores of their namespace and no ClusterSecretStore', async (t) => {
    await kubectl.ok('create rolebinding ann --clusterrole=edit --user=ann')
    await kubectl.ok('create clusterrolebinding eve --clusterrole=admin --user=eve')
    await using api = cluster.client()
    const may = (user: string, verb: string, resource: string): Promise<boolean> => {
      const [plural, place] = resource.split(' in ')
      return mayInGroup(api, user, { verb, resource: plural, namespace: place })
    }
    await until(() => may('ann', 'use', 'secretstores in default'))
    await until(() => may('eve', 'use', 'secretstores'))
    t.ok(await may('ann', 'create', 'externalsecrets in default'))
    t.notOk(await may('ann', 'use', `secretstores in ${namespace}`))
    t.notOk(await may('ann', 'use', 'clustersecretstores'))
    t.notOk(await may('eve', 'use', 'clustersecretstores'), 'not even where admin is bound cluster-wide')
    t.notOk(await may('eve', 'create', 'clustersecretstores'))
  })

  await t.test('with the rights of its ServiceAccount the program serves and writes Secrets', async (t) => {
    await kubectl.ok('apply --server-side -f -', list(known(kustomized('overlays/everything'))))
    const token = (await kubectl.ok(`create token external-secrets-apiserver -n ${namespace}`)).trim()
    const kubeconfig = accountKubeconfig(cluster, token)
    const data = join(cluster.folder, 'data')
    const place = ['--data-dir', data, '--listen', '127.0.0.1:0', '--kubeconfig', kubeconfig]
    const name = ['--tls-san', `external-secrets-apiserver.${namespace}.svc`]
    const child = spawn(process.execPath, [...programWords, 'serve', '--aggregated', ...place, ...name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const line = await lineMatching(child, /^serving on /)
      await cluster.apply([endpoints(Number(new URL(line.replace('serving on ', '')).port))] as never)
      await kubectl.ok('wait --for=condition=Available apiservice -l app.kubernetes.io/name --timeout=60s')
      t.same(await doctor(kubeconfig, data), [0, 'all is well: every version is available, and no right is missing\n'])
      const apply = (...words: readonly string[]) => kubectl.run(['apply', '-f', '-', ...words], { input: objects })
      const refusal = /"fake" is forbidden: ValidatingAdmissionPolicy 'external-secrets-stores' .* may be used: vault/
      // kubectl is told of our kinds a moment after they are served.
      await until(async () => refusal.test((await apply('--dry-run=server')).stderr)).catch(() => undefined)
      t.match((await apply()).stderr, refusal)
      await kubectl.ok('delete validatingadmissionpolicybinding external-secrets-stores')
      await until(async () => (await apply()).code === 0)
      await until(async () => (await kubectl.run(['get', 'secret', 'db'])).code === 0)
      t.match(
        await kubectl.ok('get externalsecrets.v1beta1.external-secrets.io db -o yaml'),
        /external-secrets.io\/v1beta1/,
      )
      await kubectl.ok('delete apiservice -l app.kubernetes.io/name=external-secrets-apiserver')
      await kubectl.ok('create namespace other')
      await kubectl.ok('delete namespace other --timeout=60s')
    } finally {
      await end(child)
    }
  })
})

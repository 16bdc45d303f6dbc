import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { keyPairFiles } from '../../apiserver/certificates/certificate-files.ts'
import { SelfMadeCertificates } from '../../apiserver/certificates/self-made.ts'
import { systemClock } from '../../base/clock.ts'
import { secretOf } from '../../cmd/two-processes/tls-secret.ts'
import { decodeYaml, encodeYaml } from '../../machinery/yaml.ts'
import { find, kustomized, nameOf } from '../manifests/rendering.ts'
import { type Json, listOf } from '../support/api-client.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { GrafanaStandIn } from '../support/grafana-stand-in.ts'
import { Kubectl, lineMatching } from '../support/kubectl.ts'
import { peerPath, skipWithout } from '../support/peers.ts'
import { until } from '../support/until.ts'
import { program, programWords } from '../support/program.ts'

/** One process serves, another one synchronizes, each as its ServiceAccount with the rights that are shipped. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')
const namespace = 'external-secrets'
const group = 'external-secrets.io'
const api = 'external-secrets-apiserver'
const retries = ['--retry-first', '100ms', '--retry-max', '500ms']
const quick = [...retries, '--certificate-check-interval', '500ms', '--generator-gc-grace-period', '1s']

/** The program in a process of its own. */
class Program implements AsyncDisposable {
  readonly #child: ChildProcess
  log = ''
  port = 0

  private constructor(flags: readonly string[]) {
    const words = [...programWords, 'serve', '--aggregated', '--listen', '127.0.0.1:0', ...quick, ...flags]
    this.#child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stderr?.on('data', (bytes) => (this.log += String(bytes)))
  }

  static async start(...flags: readonly string[]): Promise<Program> {
    const program = new Program(flags)
    try {
      const line = await lineMatching(program.#child, /^serving on /)
      program.port = Number(new URL(line.replace('serving on ', '')).port)
      return program
    } catch (error) {
      await program.kill('SIGKILL')
      throw new Error(`it did not start: ${program.log}`, { cause: error })
    }
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGTERM')
  }
}

/** With a token of a ServiceAccount and nothing else. */
async function kubeconfigOf(account: string, { cluster, kubectl }: World): Promise<string> {
  const token = (await kubectl.ok(`create token ${account} -n ${namespace}`)).trim()
  const config = decodeYaml(readFileSync(cluster.kubeconfig, 'utf8')) as unknown as Json
  const path = join(cluster.folder, `${account}.kubeconfig`)
  const name = String(listOf(config['users'])[0]?.['name'])
  writeFileSync(path, encodeYaml({ ...config, users: [{ name, user: { token } }] }), { mode: 0o600 })
  return path
}

interface World {
  readonly cluster: KubeCluster
  readonly kubectl: Kubectl
}

/** For kube-apiserver, which finds the program on loopback (there are no pods). */
function endpoints(port: number): string {
  return JSON.stringify({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'program', namespace, labels: { 'kubernetes.io/service-name': api } },
    addressType: 'FQDN',
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  })
}

async function doctor(which: string, kubeconfig: string): Promise<readonly [number, string]> {
  const words = [...programWords, 'doctor', `--serve=${which}`, '--kubeconfig', kubeconfig]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')])
  return [child.exitCode ?? -1, said]
}

const store = `
apiVersion: ${group}/v1
kind: SecretStore
metadata: {name: own, namespace: default}
spec: {provider: {fake: {data: [{key: /db, value: hunter2}]}}}
`

const storeUser = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: store-user, namespace: default}
rules:
  - {apiGroups: [${group}], resources: [secretstores], verbs: [use]}
  - {apiGroups: [${group}], resources: [externalsecrets], verbs: [get, create, patch]}
  - {apiGroups: [${group}], resources: [externalsecrets/refresh, externalsecrets/preview], verbs: [create]}
  - {apiGroups: [${group}], resources: [secretstores/test, secretstores/refresh], verbs: [create]}
`

function anExternalSecret(name: string): string {
  return `
apiVersion: ${group}/v1
kind: ExternalSecret
metadata: {name: ${name}, namespace: default}
spec:
  refreshInterval: 1s
  secretStoreRef: {name: own, kind: SecretStore}
  data: [{secretKey: password, remoteRef: {key: /db}}]
`
}

function tokensOf(url: string): string {
  return `
apiVersion: v1
kind: Secret
metadata: {name: grafana, namespace: default}
stringData: {token: admin}
---
apiVersion: generators.${group}/v1alpha1
kind: Grafana
metadata: {name: boards, namespace: default}
spec: {url: '${url}', auth: {token: {name: grafana, key: token}}, serviceAccount: {name: boards, role: Viewer}}
---
apiVersion: ${group}/v1
kind: ExternalSecret
metadata: {name: tokens, namespace: default}
spec:
  refreshInterval: 1s
  dataFrom: [{sourceRef: {generatorRef: {apiVersion: generators.${group}/v1alpha1, kind: Grafana, name: boards}}}]
`
}

t.test(
  'two processes with two ServiceAccounts do what one does, and neither can do the other`s',
  { skip },
  async (t) => {
    await using cluster = await KubeCluster.start({ fsync: false })
    using kubectl = new Kubectl(peerPath('kubectl-v35'), cluster.kubeconfig)
    const world = { cluster, kubectl }
    const shipped = kustomized('overlays/two-processes').filter((object) => !nameOf(object).endsWith('watch-secrets'))
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: shipped })
    await kubectl.ok('apply --server-side -f -', list)
    const accounts = { api: await kubeconfigOf(api, world), sync: await kubeconfigOf(`${api}-sync`, world) }
    const startSync = (port = 0, ...flags: readonly string[]): Promise<Program> =>
      Program.start('--serve=sync', '--kubeconfig', accounts.sync, '--listen', `127.0.0.1:${port}`, ...flags)
    const startApi = async (syncPort: number, ...flags: readonly string[]): Promise<Program> => {
      const data = ['--data-dir', join(cluster.folder, 'data'), '--sync-address', `127.0.0.1:${syncPort}`]
      const program = await Program.start('--serve=api', '--kubeconfig', accounts.api, ...data, ...flags)
      await kubectl.ok('apply -f -', endpoints(program.port))
      return program
    }
    const code = async (...words: readonly string[]): Promise<number> => (await kubectl.run(words)).code
    const apply = async (manifest: string, ...words: readonly string[]): Promise<boolean> =>
      (await kubectl.run(['apply', '-f', '-', ...words], { input: manifest })).code === 0
    const written = (name: string): Promise<string> => kubectl.ok(`wait --for=create secret/${name} --timeout=60s`)
    const condition = async (name: string): Promise<string> =>
      (await kubectl.run(['get', 'externalsecret', name, '-o', 'jsonpath={.status.conditions[0].message}'])).stdout
    const ask = async (what: string, body = '{}') => {
      const path = `/apis/${group}/v1/namespaces/default/${what}`
      return kubectl.run(['create', '--raw', path, '-f', '-', '--as', 'ann'], { input: body })
    }
    const answer = async (what: string): Promise<unknown> => {
      const { code: ended, stdout, stderr } = await ask(what)
      if (ended !== 0) throw new Error(`${what}: ${stderr}`)
      return (JSON.parse(stdout) as { readonly status: unknown }).status
    }

    await using sync = await startSync()
    await using serving = await startApi(sync.port)
    await kubectl.ok('wait --for=condition=Available apiservice -l app.kubernetes.io/name --timeout=60s')

    await t.test('a manifest becomes a Secret, and its status tells it', async (t) => {
      await kubectl.ok('apply -f -', storeUser)
      await kubectl.ok('create rolebinding ann --role=store-user --user=ann')
      await until(() => apply(store))
      await until(() => apply(anExternalSecret('db'), '--as', 'ann'))
      await written('db')
      t.equal(await kubectl.ok('get secret db -o jsonpath={.data.password}'), Buffer.from('hunter2').toString('base64'))
      await kubectl.ok('wait --for=condition=Ready externalsecret/db --timeout=30s')
      t.match(
        await kubectl.ok('get externalsecret db -o wide'),
        /SecretSynced +True +\d+s/,
        'with the time of the last sync',
      )
    })

    await t.test('both pods keep to the restricted level that the namespace enforces', async () => {
      const pods = [api, `${api}-sync`].map((name) => {
        const template = find(shipped, `Deployment ${namespace}/${name}`)['spec']?.['template']
        return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: template?.['spec'] }
      })
      const items = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: pods })
      await kubectl.ok('create --dry-run=server -f -', items)
    })

    await t.test('each finds all that it needs, by the rights that are shipped', async (t) => {
      const said = await Promise.all([
        doctor('api', accounts.api),
        doctor('sync', accounts.sync),
        doctor('sync', accounts.api),
      ])
      const well = [0, 'all is well: every version is available, and no right is missing\n'] as const
      t.same(said.slice(0, 2), [well, well])
      t.match(said[2], [1, /right to create externalsecrets\/usereview/], 'the one is not the other')
    })

    await t.test('verbs are asked through kube-apiserver of the one, and answered by the other', async (t) => {
      t.match(await answer('externalsecrets/db/refresh'), { synced: true })
      t.match(await answer('externalsecrets/db/preview'), { keys: [{ key: 'password', sizeBytes: 7 }] })
      t.match(await answer('secretstores/own/test'), { usable: true })
      t.match(await answer('secretstores/own/refresh'), { refreshing: 1 })
      t.match((await ask('externalsecrets/none/refresh')).stderr, /NotFound/)
    })

    await t.test('tokens that a generator made are remembered, and deleted with their GeneratorStates', async (t) => {
      const grafana = await GrafanaStandIn.open(t, 'admin')
      await kubectl.ok('apply -f -', tokensOf(grafana.url))
      await until(async () => grafana.made >= 4, { everyMs: 100 })
      t.match(await kubectl.ok('get gs'), /^NAME +GC DEADLINE +AGE\ngen-externalsecret-tokens-\w{5} /)
      await kubectl.ok('patch externalsecret tokens --type=merge -p {"spec":{"refreshInterval":"0s"}}')
      // Behind whatever was begun before, and of the interval that was patched: no other token follows.
      t.match(await answer('externalsecrets/tokens/refresh'), { synced: true })
      await until(async () => grafana.living.size === 1, { everyMs: 100 })
      const token = Buffer.from(await kubectl.ok('get secret tokens -o jsonpath={.data.token}'), 'base64').toString()
      t.same([...grafana.living.values()], [token])
      await kubectl.ok('delete externalsecret tokens')
      // As the garbage collector does, which this cluster has none of; it waits for the finalizer.
      await kubectl.ok('delete gs --all --timeout=60s')
      t.equal(grafana.living.size, 0)
    })

    await t.test('the serving process may read its certificate, and no other Secret', async (t) => {
      using self = new Kubectl(peerPath('kubectl-v35'), accounts.api)
      await self.ok(`get secret ${api}-tls -n ${namespace}`)
      for (const words of [
        ['get', 'secret', `${api}-ca`, '-n', namespace],
        ['get', 'secret', 'db'],
        ['get', 'secrets', '-n', namespace],
        ['create', 'secret', 'generic', 'mine', '-n', namespace],
        ['delete', 'secret', `${api}-tls`, '-n', namespace],
        ['create', 'token', `${api}-sync`, '-n', namespace],
      ]) {
        t.match(await self.refused(...words), /forbidden/i, words.join(' '))
      }
    })

    await t.test('a namespace is granted to the one that synchronizes, and to it alone', async (t) => {
      const granted = await program('grant', 'default', '--serve=sync', '--kubeconfig', cluster.kubeconfig)
      t.match(granted, {
        code: 0,
        stdout: /^system:serviceaccount:external-secrets:external-secrets-apiserver-sync may /,
      })
      const may = async (account: string, where: string): Promise<string> => {
        const as = `system:serviceaccount:${namespace}:${account}`
        return (await kubectl.run(['auth', 'can-i', 'watch', 'secrets', '-n', where, '--as', as])).stdout.trim()
      }
      t.equal(await may(`${api}-sync`, 'default'), 'yes')
      t.equal(await may(`${api}-sync`, 'kube-system'), 'no')
      t.equal(await may(api, 'default'), 'no')
    })

    await t.test('without the right to use the store refreshing stops, and the Secret stays', async (t) => {
      await kubectl.ok('delete rolebinding ann')
      await kubectl.ok('wait --for=condition=Ready=false externalsecret/db --timeout=60s')
      t.match(
        await condition('db'),
        /refreshing has stopped: neither User "ann" nor Group "system:serviceaccounts:default" can use/,
      )
      t.equal(await code('get', 'secret', 'db'), 0)
      await kubectl.ok('create rolebinding ann --role=store-user --user=ann')
      await kubectl.ok('wait --for=condition=Ready externalsecret/db --timeout=60s')
    })

    await t.test('a certificate that is replaced is served with, and known to the other process', async (t) => {
      await kubectl.ok(`delete secret ${api}-tls -n ${namespace}`)
      await until(async () => serving.log.includes('serving with a new certificate'))
      t.match(await answer('externalsecrets/db/refresh'), { synced: true })
    })

    await t.test('without the syncing process the API serves, and answers verbs with 503', async (t) => {
      await sync.kill('SIGTERM')
      t.ok(await apply(anExternalSecret('later'), '--as', 'ann'))
      t.match(await kubectl.ok('get externalsecrets'), /later/)
      t.match((await ask('externalsecrets/db/refresh')).stderr, /ServiceUnavailable.*cannot be asked/)
      t.equal(await code('get', 'secret', 'db'), 0)
    })

    const trusted = 'get apiservice v1.external-secrets.io -o jsonpath={.spec.caBundle}'
    const authority = await kubectl.ok(trusted)
    await using again = await startSync(sync.port)
    await t.test('when it is back it goes on, with the authority that everybody trusts', async (t) => {
      await written('later')
      await until(async () => (await ask('externalsecrets/later/refresh')).code === 0)
      t.equal(await kubectl.ok(trusted), authority)
    })

    await t.test('without the serving process no Secret is touched', async (t) => {
      const versions = 'get secrets -o jsonpath={.items[*].metadata.resourceVersion}'
      await serving.kill('SIGKILL')
      const before = await kubectl.ok(versions)
      await using client = cluster.client()
      const events = async (): Promise<string> => (await client.get('/api/v1/namespaces/default/events')).text
      await until(async () => (await events()).includes('whether the stores may still be used'))
      t.equal(await kubectl.ok(versions), before)
      await again.kill('SIGTERM')
    })

    await t.test(
      'certificates that somebody else makes are served with, and the authority is registered',
      async (t) => {
        const clock = systemClock
        const pairs = keyPairFiles(join(cluster.folder, 'made'))
        const made = await SelfMadeCertificates.open({ pairs, clock, authorityDays: 10, leafDays: 5 })
        const at = (name: string) => ({ namespace, name })
        const handed = [
          secretOf(at(`${api}-tls`), await made.peer([`${api}.${namespace}.svc`, '127.0.0.1'])),
          secretOf(at(`${api}-sync-tls`), await made.serving(['127.0.0.1'])),
        ]
        await kubectl.ok(
          'apply --server-side --force-conflicts -f -',
          handed.map((each) => JSON.stringify(each)).join('\n---\n'),
        )
        await using third = await startSync(0, '--certificates=secret')
        await using served = await startApi(third.port, '--certificates=secret')
        await until(async () => (await kubectl.ok(trusted)) !== authority)
        t.equal(
          Buffer.from(await kubectl.ok(trusted), 'base64')
            .toString()
            .trim(),
          made.authorityCertificate.trim(),
        )
        await until(() => apply(anExternalSecret('last'), '--as', 'ann'))
        await written('last')
        t.match(await answer('externalsecrets/last/refresh'), { synced: true })
        t.ok(served.port > 0)
      },
    )
  },
)

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { findGoProgram } from '../../hack/peers/go-program.mjs'
import type { ApiClient } from '../support/api-client.ts'
import { AggregatedServer, prepareCluster } from '../support/kube-cluster/aggregated-server.ts'
import { AuditLog } from '../support/kube-cluster/audit-log.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { skipWithout } from '../support/peers.ts'
import { until } from '../support/until.ts'

/** A client made with client-go or controller-runtime (go-clients/main.go), in a process of its own. */
class GoClient implements AsyncDisposable {
  readonly #child: ChildProcess
  #seen = ''
  #log = ''

  constructor(sort: 'informer' | 'manager', kubeconfig: string, env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(program, [sort, kubeconfig], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.on('data', (bytes) => (this.#seen += String(bytes)))
    this.#child.stderr?.on('data', (bytes) => (this.#log += String(bytes)))
  }

  get lines(): readonly string[] {
    return this.#seen.split('\n').filter((line) => line !== '')
  }

  /** Resolves when it has printed that line. */
  async sees(line: string): Promise<void> {
    await until(async () => this.lines.includes(line)).catch(() => {
      throw new Error(`${line} was not seen, but ${this.lines.slice(-5).join('; ')}: ${this.#log.slice(-500)}`)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}

const found = findGoProgram('go-clients', join(import.meta.dirname, '../../../test/cluster/go-clients'))
if ('reason' in found && process.env['REQUIRE_PEERS'] === '1') throw new Error(found.reason)
const program = 'path' in found ? found.path : ''
const skip = skipWithout(...clusterPeers) || ('reason' in found && found.reason)

const path = '/apis/external-secrets.io/v1/namespaces/default/externalsecrets'
const count = 600
const mergePatch = 'application/merge-patch+json'

/** Another controller looks after it, so that what happens to its ExternalSecrets is what the clients do. */
const elsewhere = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'SecretStore',
  metadata: { name: 'elsewhere', namespace: 'default' },
  spec: { controller: 'another', provider: { fake: { data: [] } } },
}

function externalSecret(name: string): object {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace: 'default', labels: { step: 'made' } },
    spec: {
      secretStoreRef: { name: 'elsewhere' },
      refreshPolicy: 'OnChange',
      data: [{ secretKey: 'a', remoteRef: { key: 'b' } }],
    },
  }
}

const follower = 'follower'
const rbac = 'rbac.authorization.k8s.io'
const following = [
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: follower },
    rules: [{ apiGroups: ['external-secrets.io'], resources: ['externalsecrets'], verbs: ['get', 'list', 'watch'] }],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: follower },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: follower },
    subjects: [{ apiGroup: rbac, kind: 'User', name: follower }],
  },
]

async function label(api: ApiClient, name: string, step: string): Promise<void> {
  const body = { metadata: { labels: { step } } }
  await api.call('PATCH', `${path}/${name}`, { body, contentType: mergePatch })
}

t.test(
  'clients made with client-go and controller-runtime cannot tell it from a built-in group',
  { skip },
  async (t) => {
    using audit = new AuditLog(follower)
    await using cluster = await KubeCluster.start({ fsync: false, apiserverFlags: audit.flags })
    await prepareCluster(cluster)
    await cluster.apply(following)
    await using api = cluster.client()
    let server = await AggregatedServer.start(cluster)
    t.teardown(() => server[Symbol.asyncDispose]())
    await until(async () => (await api.get(path)).status === 200)
    await api.post(path.replace('externalsecrets', 'secretstores'), elsewhere)
    for (let index = 0; index < count; index += 1) await api.post(path, externalSecret(`es-${index}`))

    // 145
    await t.test('an informer syncs by a streamed list and by pages, and misses nothing over a restart', async (t) => {
      const streamed = { KUBE_FEATURE_WatchListClient: 'true' }
      const listed = { KUBE_FEATURE_WatchListClient: 'false' }
      const configs = [
        await cluster.kubeconfigFor(follower, { file: 'streamed' }),
        await cluster.kubeconfigFor(follower, { file: 'listed' }),
      ] as const
      const informers = [streamed, listed].map((env, index) => new GoClient('informer', configs[index] ?? '', env))
      t.teardown(() => Promise.all(informers.map((informer) => informer[Symbol.asyncDispose]())))
      const allSee = (line: string): Promise<unknown> => Promise.all(informers.map((informer) => informer.sees(line)))
      await allSee(`synced ${count}`)
      // client-go falls back to a list, without a word, where a streamed one fails.
      const asked = (kubeconfig: string): readonly string[] =>
        audit.eventsOf(kubeconfig).map(({ verb, requestURI, responseStatus }) => {
          const isStreamed = requestURI.includes('sendInitialEvents=true')
          return `${isStreamed ? 'streamed' : verb} ${responseStatus?.code}`
        })
      await until(() => asked(configs[0]).length > 0 && asked(configs[1]).length > 1)
      t.strictSame(asked(configs[0]), ['streamed 200'])
      t.strictSame(asked(configs[1]), ['list 200', 'watch 200'])
      await api.post(path, externalSecret('late'))
      await allSee('add late made')
      await label(api, 'late', 'changed')
      await allSee('update late changed')

      await server.kill('SIGKILL')
      server = await AggregatedServer.start(cluster)
      await until(async () => (await api.get(path)).status === 200)
      await label(api, 'late', 'restarted')
      await allSee('update late restarted')
      await api.call('DELETE', `${path}/late`)
      await allSee('delete late restarted')
      for (const informer of informers) {
        const added = informer.lines.filter((line) => line.startsWith('add '))
        t.equal(added.length, count + 1, 'each was added once')
        t.strictSame(
          informer.lines.filter((line) => line.startsWith('delete ')),
          ['delete late restarted'],
        )
      }
    })

    // 206
    await t.test('a manager keeps finalizers and status through its cache, and lets go what is deleted', async (t) => {
      await api.call('DELETE', path)
      const names = Array.from({ length: 20 }, (_, index) => `es-${index}`)
      for (const name of names) await api.post(path, externalSecret(name))
      await using manager = new GoClient('manager', cluster.kubeconfig)
      for (const name of names) await manager.sees(`managed ${name}`)
      const { json } = await api.get(`${path}/es-1`)
      t.strictSame(json['metadata']?.['finalizers'], ['example.com/manager'])
      t.match(json['status']?.['conditions'], [{ type: 'Ready', reason: 'Managed' }])
      await api.call('DELETE', `${path}/es-1`)
      await manager.sees('released es-1')
      await until(async () => (await api.get(`${path}/es-1`)).status === 404)
    })
  },
)

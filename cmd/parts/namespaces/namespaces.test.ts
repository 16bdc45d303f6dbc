import t, { type Test } from 'tap'
import { archivedKinds } from '../../../apiserver/archive/archived-kinds.ts'
import { storedCodec } from '../../../apiserver/registry/codec.ts'
import { storeKey } from '../../../apiserver/registry/store-key.ts'
import { type LogFields, type Logger, silentLogger } from '../../../base/log.ts'
import { coreKinds } from '../../../kinds/catalog.gen.ts'
import type { ResourceClient } from '../../../machinery/client.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { notFound } from '../../../machinery/status-errors.ts'
import type { Backend, NewEntry } from '../../../storage/backend.ts'
import { embeddedTestOptions } from '../../../storage/conformance/embedded-options.ts'
import { openBackend } from '../../../storage/open.ts'
import { type LocalApi, openLocalApi } from '../../../test/support/local-api.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { belonging } from './belonging.ts'
import { followNamespaces } from './follow-namespaces.ts'
import { bookEntries, NamespaceBook } from './namespace-book.ts'
import { reconcileNamespaces } from './reconcile-namespaces.ts'

/** The namespaces of a cluster that everything is done to by hand. */
class Cluster {
  readonly #clock: ManualClock
  readonly #namespaces = new Map<string, KubeObject>()
  #uids = 0
  isAway = false
  /** What a list leaves out although it is there. */
  hides = ''
  readonly client: ResourceClient<KubeObject>

  constructor(clock: ManualClock) {
    this.#clock = clock
    for (const name of ['kube-system', 'default']) this.make(name)
    const never = () => Promise.reject(new Error('nobody writes namespaces'))
    this.client = {
      get: async ({ name }) => {
        const found = this.#namespaces.get(name)
        if (found === undefined) throw notFound({ group: '', resource: 'namespaces' }, name)
        return found
      },
      list: async () => {
        if (this.isAway) throw new Error('unreachable')
        const items = [...this.#namespaces.values()].filter(({ metadata }) => metadata.name !== this.hides)
        return { apiVersion: 'v1', kind: 'NamespaceList', metadata: { resourceVersion: '1' }, items }
      },
      watch: () => {
        throw new Error('nobody watches')
      },
      create: never,
      update: never,
      updateStatus: never,
      delete: never,
    }
  }

  make(name: string): string {
    const uid = `namespace-${++this.#uids}`
    const creationTimestamp = new Date(this.#clock.now()).toISOString().replace(/\.\d+/, '')
    this.#namespaces.set(name, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid, creationTimestamp } })
    return uid
  }

  delete(name: string): void {
    this.#namespaces.delete(name)
  }
}

interface Scene {
  readonly api: LocalApi
  readonly backend: Backend
  readonly cluster: Cluster
  readonly clock: ManualClock
  readonly told: LogFields[]
  /** A server starts and looks around. */
  readonly start: () => Promise<NamespaceBook>
  readonly put: (namespace: string, name: string) => Promise<void>
  /** Of config maps. */
  readonly names: () => Promise<readonly string[]>
}

async function sceneOf(t: Test): Promise<Scene> {
  const clock = new ManualClock()
  const api = await openLocalApi({ kinds: coreKinds, clock })
  const backend = await openBackend({ kind: 'memory', ...embeddedTestOptions })
  t.teardown(async () => {
    await api[Symbol.asyncDispose]()
    await backend[Symbol.asyncDispose]()
  })
  const cluster = new Cluster(clock)
  const told: LogFields[] = []
  const log: Logger = { ...silentLogger, warn: (_text, fields = {}) => void told.push(fields) }
  const put = async (namespace: string, name: string): Promise<void> => {
    await api.call('POST /api/v1/namespaces', { body: { metadata: { name: namespace } } })
    const made = await api.call(`POST /api/v1/namespaces/${namespace}/configmaps`, { body: { metadata: { name } } })
    if (made.code !== 201) throw new Error(made.text)
  }
  return {
    api,
    backend,
    cluster,
    clock,
    told,
    start: async () => {
      const book = await NamespaceBook.open(backend)
      await reconcileNamespaces({ registries: api.registries, book, namespaces: cluster.client, log })
      return book
    },
    put,
    names: async () => {
      const { body } = await api.call('GET /api/v1/configmaps')
      const items = body['items'] as unknown as readonly KubeObject[]
      return items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    },
  }
}

t.test('what is in namespaces that went is removed, and nothing else', async (t) => {
  const { start, put, names, cluster, clock, told } = await sceneOf(t)
  const uids = new Map(['same', 'gone', 'replaced'].map((name) => [name, cluster.make(name)]))
  for (const name of uids.keys()) await put(name, 'old')
  t.same((await start()).uids, uids, 'a first look takes everything as it is')
  t.equal((await names()).length, 3)
  await clock.advance(60_000)
  cluster.delete('gone')
  cluster.delete('replaced')
  const replaced = cluster.make('replaced')
  await clock.advance(60_000)
  await put('replaced', 'young')
  cluster.make('unknown')
  await put('unknown', 'mine')
  const book = await start()
  t.same(await names(), ['replaced/young', 'same/old', 'unknown/mine'])
  t.equal(book.uids.get('replaced'), replaced)
  t.notOk(book.uids.has('gone'))
  t.ok(book.uids.has('unknown'))
  t.same(told, [
    { namespace: 'gone', removed: 1, kept: 0 },
    { namespace: 'replaced', removed: 1, kept: 1 },
  ])
  await start()
  t.equal(told.length, 2, 'that was all')
})

t.test('nothing is removed on one word, or in another cluster', async (t) => {
  const { start, put, names, cluster, clock } = await sceneOf(t)
  const uid = cluster.make('a')
  await put('a', 'one')
  await start()
  cluster.hides = 'a'
  t.equal((await start()).uids.get('a'), uid)
  t.same(await names(), ['a/one'], 'the list does not have it, and it is there')
  cluster.hides = 'kube-system'
  await t.rejects(start(), { name: 'ClusterError' }, 'this is no list of all namespaces')
  cluster.hides = ''
  cluster.isAway = true
  await t.rejects(start(), { message: 'unreachable' })
  cluster.isAway = false
  await clock.advance(60_000)
  cluster.make('kube-system')
  const again = cluster.make('a')
  t.equal((await start()).uids.get('a'), again)
  t.same(await names(), ['a/one'], 'a store that was brought into a new cluster is kept whole')
})

t.test('a start that is given up waits for no cluster that is away', async (t) => {
  const { api, backend, cluster, clock } = await sceneOf(t)
  const interruption = new AbortController()
  const { signal: interrupted } = interruption
  const following = followNamespaces({ client: cluster.client, clock, log: silentLogger, interrupted })
  following.of({ backend, checks: [], refusal: () => undefined, admitted: async () => undefined })
  cluster.isAway = true
  const reconciled = t.rejects(following.reconcile(api.registries), new Error('ended'))
  await clock.advance(1500)
  interruption.abort(new Error('ended'))
  await reconciled
})

t.test('a namespace that is noted is known at the next start', async (t) => {
  const { backend } = await sceneOf(t)
  const book = await NamespaceBook.open(backend)
  await Promise.all([book.note('a', 'u1'), book.note('a', 'u1'), book.note('b', 'u2')])
  await book.note('a', 'u3')
  await book.forget('b')
  await book.forget('b')
  t.same((await NamespaceBook.open(backend)).uids, new Map([['a', 'u3']]))
  await book.begin('cluster-1')
  t.match(await NamespaceBook.open(backend), { cluster: 'cluster-1', uids: new Map() })
})

t.test('of a snapshot comes back what lies in namespaces that are still there', async (t) => {
  const { backend, cluster, clock } = await sceneOf(t)
  const kind = coreKinds.find(({ names }) => names.kind === 'ConfigMap')
  if (kind === undefined) return void t.fail('there are config maps')
  const codec = storedCodec(kind)
  const entryOf = (namespace: string): NewEntry => {
    const creationTimestamp = new Date(clock.now()).toISOString().replace(/\.\d+/, '')
    const metadata = { name: 'one', namespace, uid: `of-${namespace}`, creationTimestamp }
    const value = codec.encode({ object: { apiVersion: 'v1', kind: 'ConfigMap', metadata } })
    return { key: storeKey(kind, { namespace, name: 'one' }), value }
  }
  const names = ['same', 'gone', 'replaced']
  const uids = new Map(names.map((name) => [name, cluster.make(name)]))
  const system = (await cluster.client.get({ name: 'kube-system' })).metadata.uid ?? ''
  const entries = names.map(entryOf)
  await clock.advance(60_000)
  cluster.delete('gone')
  cluster.make('replaced')
  const kinds = archivedKinds(coreKinds)
  const book = await NamespaceBook.open(backend)
  const restored = async (of: string) => {
    const all = [...entries, ...bookEntries({ cluster: of, uids })]
    return (await belonging(all, { namespaces: cluster.client, book, kinds })).map(({ key }) => String(key))
  }
  const own = ['/store/cluster', '/store/namespaces/same']
  t.same(await restored(system), ['/core/configmaps/same/one', ...own])
  const whole = names.map((name) => `/core/configmaps/${name}/one`)
  t.same(await restored('another'), [...whole, ...own, '/store/namespaces/replaced'])
})

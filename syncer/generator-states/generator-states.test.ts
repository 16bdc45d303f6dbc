import { hash } from 'node:crypto'
import t, { type Test } from 'tap'
import { garbageCollector } from '../../apiserver/controllers/garbage-collector.ts'
import { createOutbound } from '../../base/http.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { serviceUnavailable } from '../../machinery/status-errors.ts'
import { limits } from '../../test/support/api-stand-in.ts'
import { GrafanaStandIn, keyPrefix } from '../../test/support/grafana-stand-in.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { type Manifest, openSyncCluster, type SyncCluster } from '../../test/support/sync-cluster.ts'
import { aStore, credentials, encoded, namespace, path, status, told } from '../../test/support/sync-manifests.ts'
import { until } from '../../test/support/until.ts'

const group = 'generators.external-secrets.io'
const states = `/apis/${group}/v1alpha1/namespaces/a/generatorstates`
const password = 'CANARY-admin'

interface State extends KubeObject {
  readonly spec: { readonly garbageCollectionDeadline?: string; readonly [member: string]: unknown }
}

/** A cluster whose clock is ours, and a Grafana beside it. */
interface World {
  readonly cluster: SyncCluster
  readonly grafana: GrafanaStandIn
  /** Lets time pass until it holds. */
  readonly came: (holds: () => boolean | Promise<boolean>) => Promise<void>
  readonly passed: (durationMs: number) => Promise<void>
  readonly nowMs: () => number
  readonly states: () => Promise<readonly State[]>
  /** The token in the Secret. */
  readonly token: (name?: string) => Promise<string>
  /** Answers the next write of a Secret, which is done nevertheless. */
  readonly lose: (answer: Error) => void
}

async function open(t: Test, options: object = {}, refused?: 'watch'): Promise<World> {
  const clock = new ManualClock()
  const grafana = await GrafanaStandIn.open(t, password)
  const outbound = createOutbound({ ...limits, allowedNetworks: ['127.0.0.0/8'] })
  const lost: Error[] = []
  const between = <T extends KubeObject>(plural: string, client: ResourceClient<T>): ResourceClient<T> => {
    if (plural === 'generatorstates' && refused === 'watch') return unwatched(client)
    if (plural !== 'secrets') return client
    const update: typeof client.update = async (...written) => {
      const answer = await client.update(...written)
      const error = lost.shift()
      if (error !== undefined) throw error
      return answer
    }
    return Object.assign(Object.create(client) as ResourceClient<T>, { update })
  }
  const cluster = await openSyncCluster({ clock, outbound, between, options })
  const stopped = new AbortController()
  const collecting = garbageCollector({ registries: cluster.api.registries, clock }).run(stopped.signal)
  t.teardown(async () => {
    stopped.abort()
    await collecting
    await cluster[Symbol.asyncDispose]()
    await outbound[Symbol.asyncDispose]()
  })
  cluster.start()
  await cluster.apply(namespace('a'), credentials('a', password), aGrafana(grafana.url))
  const data = async (name: string) =>
    (await cluster.read(path('secrets', name)))['data'] as unknown as Record<string, string> | undefined
  return {
    cluster,
    grafana,
    came: (holds) =>
      until(async () => {
        await clock.advance(500)
        return holds()
      }),
    nowMs: () => clock.now(),
    // In small steps: the other side takes real time.
    passed: async (durationMs) => {
      for (let ms = 0; ms < durationMs; ms += 20_000) await clock.advance(20_000)
    },
    states: async () => ((await cluster.read(states)) as unknown as { items: State[] }).items,
    token: async (name = 'es') => Buffer.from((await data(name))?.['token'] ?? '', 'base64').toString(),
    lose: (answer) => lost.push(answer),
  }
}

function unwatched<T extends KubeObject>(client: ResourceClient<T>): ResourceClient<T> {
  const watch = (): AsyncIterable<never> => {
    throw serviceUnavailable('no right')
  }
  return Object.assign(Object.create(client) as ResourceClient<T>, { watch })
}

function aGrafana(url: string): Manifest {
  const spec = { url, auth: { token: { name: 'credentials', key: 'token' } }, serviceAccount }
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': 'CANARY' }
  return {
    apiVersion: `${group}/v1alpha1`,
    kind: 'Grafana',
    metadata: { name: 'g', namespace: 'a', annotations },
    spec,
  }
}

const serviceAccount = { name: 'boards', role: 'Viewer' }
const fromGrafana = { sourceRef: { generatorRef: { apiVersion: `${group}/v1alpha1`, kind: 'Grafana', name: 'g' } } }

function using(name: string, spec: object = {}): Manifest {
  const metadata = { name, namespace: 'a' }
  const whole = { refreshInterval: '1m', dataFrom: [fromGrafana], ...spec }
  return { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata, spec: whole }
}

const refresh = (value: string) => ({ metadata: { annotations: { again: value } } })
const deadlines = (all: readonly State[]) => all.flatMap(({ spec }) => spec.garbageCollectionDeadline ?? [])

t.test('of all tokens one lives, the one in the Secret, and none when the ExternalSecret is gone', async (t) => {
  const { cluster, grafana, came, passed, nowMs, states, token } = await open(t)
  const startMs = nowMs()
  const es = path('externalsecrets', 'es')
  const stillUsed: string[] = []
  grafana.deleting = async (key) => {
    const isKept = (await status(cluster, 'es')) !== undefined && (await token()) === key
    if (isKept) stillUsed.push(key)
  }
  await cluster.apply(using('es'))
  await came(async () => (await token()) === `${keyPrefix}1` && (await states()).length === 1)
  const [state] = await states()
  const { uid } = (await cluster.read(es))['metadata'] ?? {}
  t.match(state?.metadata.name, /^gen-externalsecret-es-[a-z0-9]{5}$/)
  t.match(state?.metadata, { finalizers: ['generatorstate.externalsecrets.io/finalizer'] })
  t.same(state?.metadata.labels, { [`${group}/owner-key`]: hash('sha3-224', 'ExternalSecret-a-es-0') })
  const owner = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'es', uid }
  t.same(state?.metadata.ownerReferences, [owner], 'not its controller')
  t.match(state?.spec, {
    resource: { apiVersion: `${group}/v1alpha1`, kind: 'Grafana', metadata: { name: 'g', namespace: 'a' } },
    state: { serviceAccount: { id: 1, tokenID: 1 } },
  })
  t.same(Object.keys(state?.spec ?? {}).sort(), ['resource', 'state'], 'no deadline')

  // How many come in this time is a matter of how long Grafana's answers take beside the test's clock.
  for (let round = 0; round < 3; round += 1) {
    const before = await token()
    await passed(40_000)
    await came(async () => (await token()) !== before)
  }
  await came(async () => deadlines(await states()).length >= 2)
  const intervals = Math.ceil((nowMs() - startMs) / 60_000)
  t.ok(grafana.made >= 4 && grafana.made <= 1 + intervals, `${grafana.made} in ${intervals} intervals`)
  const former = Number((await token()).slice(keyPrefix.length)) - 1
  t.equal(grafana.living.get(former), `${keyPrefix}${former}`, 'for the grace the former lives')
  t.notMatch(JSON.stringify(await states()), /CANARY|sa-1/, 'nothing that is in a Secret stands in a state')
  await cluster.patch(es, { spec: { refreshInterval: '0s' } })
  await cluster.stop()
  cluster.start()
  await passed(125_000)
  await came(async () => (await states()).length === 1)
  t.same([...grafana.living.values()], [await token()], 'and then the one in the Secret alone')
  const { made } = grafana
  t.equal(await token(), `${keyPrefix}${made}`)
  t.same(stillUsed, [], 'none was deleted while the Secret had it')

  await cluster.api.call(`DELETE ${es}`)
  await came(async () => grafana.living.size === 0 && (await states()).length === 0)
  t.equal(grafana.made, made)
})

t.test('a Grafana that fails is asked again, and the state stays until then', async (t) => {
  const { cluster, grafana, came, passed, states } = await open(t)
  await cluster.apply(using('es'))
  await came(async () => grafana.made === 1 && (await states()).length === 1)
  grafana.refusal = ({ method }) => (method === 'DELETE' ? [500, { message: 'CANARY' }] : undefined)
  await cluster.api.call(`DELETE ${path('externalsecrets', 'es')}`)
  const tries = () => grafana.asked.filter((asked) => asked === 'DELETE /1/tokens/1').length
  await came(() => tries() >= 3)
  t.match(await states(), [{ metadata: { deletionTimestamp: /./ } }])
  await came(() => told(cluster, ['Warning CleanupFailed unable to delete the token of the service account']))
  t.notOk(await told(cluster, ['CANARY']))
  grafana.refusal = undefined
  await passed(60_000)
  await came(async () => grafana.living.size === 0 && (await states()).length === 0)
})

t.test('a pass that fails gives back what it made, and the token in the Secret lives on', async (t) => {
  const { cluster, grafana, came, passed, states, token } = await open(t)
  const es = path('externalsecrets', 'es')
  await cluster.apply(aStore({ k: 'v' }), using('es', { secretStoreRef: { name: 's' } }))
  await came(async () => (await states()).length === 1)

  await t.test('when something else could not be fetched', async (t) => {
    await cluster.patch(es, { spec: { data: [{ secretKey: 'a', remoteRef: { key: 'missing' } }] } })
    await came(() => grafana.made >= 3 && grafana.living.size === 1)
    t.match(await status(cluster, 'es'), 'could not get secret data from provider')
    t.equal((await states()).length, 1, 'nothing had to be remembered')
  })

  await t.test('when the template is wrong', async (t) => {
    const template = { data: { a: '{{ .nothing | fail }}' } }
    const made = grafana.made
    await cluster.patch(es, { spec: { data: null, target: { template } } })
    await came(
      async () => grafana.made > made && (await status(cluster, 'es'))?.includes('could not update secret') === true,
    )
    await came(async () => grafana.living.size === 1 && (await states()).length === 1)
    t.equal(await token(), [...grafana.living.values()][0])
  })

  await t.test('and when it cannot be given back now, later', async (t) => {
    await cluster.patch(es, { spec: { target: null, data: [{ secretKey: 'a', remoteRef: { key: 'missing' } }] } })
    grafana.refusal = ({ method }) => (method === 'DELETE' ? [503, {}] : undefined)
    await came(async () => deadlines(await states()).length > 0)
    grafana.refusal = undefined
    await cluster.patch(es, { spec: { data: null } })
    await passed(300_000)
    await came(async () => (await status(cluster, 'es'))?.includes('SecretSynced"') === true)
    await cluster.patch(es, { spec: { refreshInterval: '0s' } })
    await passed(125_000)
    await came(async () => grafana.living.size === 1 && (await states()).length === 1)
    t.equal(await token(), [...grafana.living.values()][0])
  })
})

t.test('a token that the Secret may have is kept until another one is surely in its place', async (t) => {
  const { cluster, grafana, came, passed, states, token, lose } = await open(t, { retryFirstMs: 300_000 })
  const es = path('externalsecrets', 'es')
  await cluster.apply(using('es', { refreshInterval: '0s' }))
  await came(async () => (await states()).length === 1)
  lose(serviceUnavailable('the answer was lost'))
  await cluster.patch(es, { ...refresh('1'), spec: { refreshInterval: '20m' } })
  await came(async () => (await status(cluster, 'es'))?.includes('the answer was lost') === true || grafana.made === 2)
  await passed(200_000)
  t.same([grafana.living.size, deadlines(await states())], [2, []], 'both')
  t.equal(await token(), `${keyPrefix}2`, 'it was written')
  await came(async () => (await token()) === `${keyPrefix}3`)
  await passed(125_000)
  await came(async () => (await states()).length === 1)
  t.same([...grafana.living.values()], [await token()])
})

t.test('what stands in an immutable target stays good', async (t) => {
  const { cluster, grafana, came, passed, states, token } = await open(t)
  await cluster.apply(using('es', { target: { immutable: true } }))
  await came(async () => (await states()).length === 1)
  await passed(300_000)
  await came(async () => grafana.living.size === 1)
  t.equal(await token(), grafana.living.get(1))
})

t.test('an entry that makes nothing any more, and a generator of the cluster', async (t) => {
  const { cluster, grafana, came, passed, states, token } = await open(t)
  const grafanaSpec = { url: grafana.url, auth: { token: { name: 'credentials', key: 'token' } }, serviceAccount }
  const spec = { kind: 'Grafana', generator: { grafanaSpec } }
  const metadata = { name: 'everybody' }
  await cluster.apply({ apiVersion: `${group}/v1alpha1`, kind: 'ClusterGenerator', metadata, spec })
  const generatorRef = { apiVersion: `${group}/v1alpha1`, kind: 'ClusterGenerator', name: 'everybody' }
  await cluster.apply(
    aStore({ k: '{"a":"1"}' }),
    using('es', { dataFrom: [fromGrafana, { sourceRef: { generatorRef } }] }),
  )
  await came(async () => (await states()).length === 2)
  t.match(
    (await states()).map(({ spec: { resource } }) => resource),
    [
      { kind: 'Grafana', spec: grafanaSpec },
      { kind: 'Grafana', spec: grafanaSpec },
    ],
    'what is kept of it is the generator inside',
  )
  const extract = { extract: { key: 'k' } }
  await cluster.patch(path('externalsecrets', 'es'), {
    spec: { secretStoreRef: { name: 's' }, dataFrom: [extract] },
  })
  await came(async () => (await cluster.read(path('secrets', 'es')))['data']?.['a'] === (encoded('1') as never))
  t.equal(await token(), '')
  await passed(125_000)
  await came(async () => grafana.living.size === 0 && (await states()).length === 0)
})

t.test('a state that ESO wrote is held and given back at its deadline', async (t) => {
  const { cluster, grafana, came, states } = await open(t)
  grafana.living.set(77, `${keyPrefix}77`)
  const spec = {
    resource: { kind: 'Grafana', spec: aGrafana(grafana.url)['spec'] },
    state: { serviceAccount: { id: 5, login: 'sa-5', tokenID: 77 } },
  }
  const metadata = { generateName: 'gen-externalsecret-old-', name: '', namespace: 'a' }
  await cluster.apply({ apiVersion: `${group}/v1alpha1`, kind: 'GeneratorState', metadata, spec })
  await came(async () => (await states())[0]?.metadata.finalizers?.length === 1)
  const garbageCollectionDeadline = '2020-01-01T00:00:00Z'
  const name = (await states())[0]?.metadata.name ?? ''
  await cluster.patch(`/apis/${group}/v1alpha1/namespaces/a/generatorstates/${name}`, {
    spec: { garbageCollectionDeadline },
  })
  await came(async () => (await states()).length === 0)
  t.same([...grafana.living], [])
  t.same(grafana.asked, ['DELETE /5/tokens/77'])
})

t.test('nothing is made while it is not known what there is', async (t) => {
  const { cluster, grafana, came } = await open(t, {}, 'watch')
  await cluster.apply(using('es'))
  await came(() => told(cluster, ['nothing is generated while the GeneratorStates cannot be read']))
  t.match(await status(cluster, 'es'), 'could not get secret data from provider')
  t.same(grafana.asked, [])
  await cluster.patch(path('externalsecrets', 'es'), refresh('1'))
  await came(async () => true)
  // Time stands still: nobody waits for what there is when the syncer ends.
  await cluster.stop()
})

t.test('nothing is remembered where nobody wants it', async (t) => {
  const { cluster, grafana, came, passed, states, token } = await open(t, { keepsGeneratorState: false })
  await cluster.apply(using('es'))
  await came(async () => (await token()) === `${keyPrefix}1`)
  await passed(60_000)
  await came(() => grafana.made >= 2)
  t.same(await states(), [])
  t.notMatch(grafana.asked.join('\n'), 'DELETE')
})

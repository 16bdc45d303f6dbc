import { randomBytes } from 'node:crypto'
import t from 'tap'
import { systemClock } from '../../base/clock.ts'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import type { JsonObject, KubeObject } from '../../machinery/object.ts'
import { forbidden } from '../../machinery/status-errors.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { type Manifest, openSyncCluster, type SyncCluster } from '../../test/support/sync-cluster.ts'
import { aStore, anExternalSecret, events, namespace, path, status } from '../../test/support/sync-manifests.ts'
import { TestProvider } from '../../test/support/sync-doubles.ts'
import { until } from '../../test/support/until.ts'
import { hashOfManifest } from '../hash.ts'
import { ParsedTemplates } from '../render/parsed-templates.ts'
import type { TemplateDocument } from '../render/template-documents.ts'
import { KnownTargets } from '../target/target-facts.ts'
import { planManifest } from './manifest-plan.ts'
import { renderManifest } from './render-manifest.ts'

const values = new Map([
  ['user', Buffer.from('me')],
  ['port', Buffer.from('5432')],
])

type Target = NonNullable<ExternalSecret['spec']['target']>

function wanting(target: Target, metadata: object = {}): ExternalSecret {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'es', namespace: 'ns', uid: 'u', ...metadata },
    spec: { target: { manifest: { apiVersion: 'example.com/v1', kind: 'App' }, ...target } },
  }
}

/** What is written of an object that is there, or of none, for templates that stand in the spec. */
function written(target: Target, current?: KubeObject): KubeObject | string {
  const externalSecret = wanting(target)
  const documents = (target.template?.templateFrom ?? []).map(({ literal, configMap }): TemplateDocument[] => {
    const [item] = configMap?.items ?? []
    const templateAs = item?.templateAs ?? (item ? 'Values' : 'KeysAndValues')
    return [{ key: item?.key ?? 'literal', text: literal ?? configMap?.name ?? '', templateAs, isConfidential: false }]
  })
  const engine = { clock: systemClock, random: randomBytes, templates: new ParsedTemplates() }
  const content = renderManifest({ externalSecret, values, documents, engine })
  const plan = planManifest({ externalSecret, content, adoption: 'always', ...(current && { current }) })
  return 'object' in plan ? plan.object : plan.action
}

const from = (target: string, literal: string): Target => ({ template: { templateFrom: [{ target, literal }] } })
/** The text takes the place of the ConfigMap's name. */
const valueFrom = (target: string, name: string): Target => ({
  template: { templateFrom: [{ target, configMap: { name, items: [{ key: 'k', templateAs: 'Values' }] } }] },
})

t.test('values go to the place that the target names', async (t) => {
  const table: readonly (readonly [string, Target, JsonObject])[] = [
    ['no template', {}, { spec: { data: { user: 'me', port: '5432' } } }],
    ['template.data', { template: { data: { a: '{{ .user }}' } } }, { spec: {}, data: { a: 'me' } }],
    ['Spec from a map is the spec', from('Spec', 'host: h\nport: {{ .port }}'), { spec: { host: 'h', port: 5432 } }],
    ['spec from a value is a key of it', valueFrom('spec', '{{ .port }}'), { spec: { k: '5432' } }],
    ['a path grows lists', from('spec.list[1].in', 'a: {{ .user }}'), { spec: { list: [null, { in: { a: 'me' } }] } }],
    ['a value at a path is read as YAML', valueFrom('spec.port', '{{ .port }}'), { spec: { port: 5432 } }],
    ['and is text where it is none', valueFrom('spec.text', '"{{ .user }}'), { spec: { text: '"me' } }],
    ['and nothing where there is nothing', valueFrom('spec.text', ''), { spec: { text: null } }],
    [
      'a map that is called __proto__ is a map',
      from('spec.__proto__', 'a: b'),
      { spec: JSON.parse('{"__proto__":{"a":"b"}}') as JsonObject },
    ],
  ]
  for (const [name, target, expected] of table) {
    const { apiVersion, kind, metadata: _, ...content } = written(target) as KubeObject
    t.strictSame([apiVersion, kind], ['example.com/v1', 'App'])
    t.equal(JSON.stringify(content), JSON.stringify(expected), name)
  }
  const labelled = written(from('Labels', 'user: {{ .user }}')) as KubeObject
  t.match(labelled.metadata, { labels: { user: 'me', 'reconcile.external-secrets.io/managed': 'true' } })
})

t.test('a path that does not fit says what is there, and not its value', async (t) => {
  const current = { apiVersion: 'example.com/v1', kind: 'App', metadata: {}, spec: { a: 'canary', list: ['canary'] } }
  const merging = (target: string): Target => ({ creationPolicy: 'Merge', ...from(target, 'x: 1') })
  t.throws(() => written(merging('spec.a.b'), current), { message: 'expected map at key "b" but found a string' })
  t.throws(() => written(merging('spec.list.b'), current), { message: 'expected map at key "b" but found a list' })
  t.throws(() => written(merging('spec[0]'), current), { message: 'expected array at index 0 but found a map' })
  for (const target of ['metadata.ownerReferences', 'kind', 'spec..a', 'spec[10001]', '[0]', 'spec[x]', 'spec[-1]']) {
    t.throws(() => written(from(target, 'x: 1')), { code: 'invalid-value' }, target)
  }
})

t.test('an owner has the whole object but its status, who merges has its own', async (t) => {
  const current = {
    apiVersion: 'example.com/v1',
    kind: 'App',
    metadata: { name: 'es', labels: { theirs: '1' } },
    spec: { theirs: 1, data: { old: '1' } },
    status: { ready: true },
  }
  const owned = written({}, current) as KubeObject
  t.same([owned['spec'], owned['status']], [{ data: { user: 'me', port: '5432' } }, { ready: true }])
  t.match(owned.metadata, { labels: { theirs: '1' }, ownerReferences: [{ uid: 'u', controller: true }] })
  const merged = written({ creationPolicy: 'Merge' }, current) as KubeObject
  t.same(merged['spec'], { theirs: 1, data: { old: '1', user: 'me', port: '5432' } })
  t.equal(merged.metadata.ownerReferences, undefined)
  t.equal(written({ creationPolicy: 'Merge' }), 'absent')
  t.equal(written({ creationPolicy: 'Merge' }, merged), 'none')
})

t.test('the hash is that of what Go prints, of the spec or else the data', async (t) => {
  const spec = { b: [1, 2.5, 0.00001, null], a: { c: true, d: 'x' } }
  t.equal(hashOfManifest({ spec, data: {} }), hashOfManifest({ data: spec }))
  const known = new KnownTargets(hashOfManifest)
  const settled = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', resourceVersion: '1' }, spec }
  known.set(settled)
  t.equal(known.get('x')?.isIntact, false)
  known.settle(settled)
  t.equal(known.get('x')?.isIntact, true, 'what the server made of our own write is no drift')
  known.set({ ...settled, spec: {} })
  t.equal(known.get('x')?.isIntact, false)
})

const configMap = { apiVersion: 'v1', kind: 'ConfigMap' }
const at = (name: string): string => `/api/v1/namespaces/a/configmaps/${name}`

function toConfigMap(name: string, target: object = {}, spec: object = {}): Manifest {
  return anExternalSecret(name, { target: { manifest: configMap, ...target }, ...spec })
}

async function dataOf(cluster: SyncCluster, name: string): Promise<unknown> {
  return (await cluster.read(at(name)))['data']
}

async function holds(cluster: SyncCluster, name: string, expected: object): Promise<void> {
  await until(async () => JSON.stringify(await dataOf(cluster, name)) === JSON.stringify(expected))
}

t.test('without the flag the condition says what ESO says, and the event which flag it is', async (t) => {
  await using cluster = await openSyncCluster()
  cluster.start()
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), toConfigMap('es'))
  await until(async () => (await status(cluster, 'es'))?.includes('invalid generic target') ?? false)
  t.match(await status(cluster, 'es'), /SecretSyncedError/)
  await until(async () => (await events(cluster)).some((text) => text.includes('--unsafe-allow-generic-targets')))
  t.equal(await dataOf(cluster, 'es'), undefined)
})

t.test('a ConfigMap is made, owned, repaired, renamed and taken away as a Secret is', async (t) => {
  await using cluster = await openSyncCluster({ genericTargets: true, options: { missingConfirmationMs: 0 } })
  cluster.start()
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), toConfigMap('es', { deletionPolicy: 'Delete' }))
  await holds(cluster, 'es', { a: 'v' })
  await until(async () => (await status(cluster, 'es'))?.includes('ResourceSynced"') ?? false)
  t.match(await cluster.read(at('es')), { metadata: { ownerReferences: [{ kind: 'ExternalSecret', name: 'es' }] } })
  t.match(JSON.parse((await status(cluster, 'es')) ?? ''), { binding: { name: '' } })
  t.equal((await cluster.read(path('secrets', 'es')))['kind'], 'Status', 'and no Secret')

  await cluster.patch(at('es'), { data: { a: 'w', b: 'w' } })
  await holds(cluster, 'es', { a: 'v' })
  await cluster.api.call(`DELETE ${at('es')}`)
  await holds(cluster, 'es', { a: 'v' })

  await cluster.patch(path('externalsecrets', 'es'), { spec: { target: { name: 'other' } } })
  await holds(cluster, 'other', { a: 'v' })
  await until(async () => (await dataOf(cluster, 'es')) === undefined)

  const data = [{ secretKey: 'a', remoteRef: { key: 'gone' } }]
  await cluster.patch(path('externalsecrets', 'es'), { spec: { data } })
  await until(async () => (await status(cluster, 'es'))?.includes('ResourceDeleted') ?? false)
  t.equal(await dataOf(cluster, 'other'), undefined)
  await until(async () => (await events(cluster)).includes('Normal Deleted Deleted ConfigMap other'))
  t.ok((await events(cluster)).includes('Normal Created Created ConfigMap es'))
})

t.test(
  'a ConfigMap of others is left alone, one is merged into, and one that is refused is told by its kind',
  async (t) => {
    const refusal = forbidden({ group: '', resource: 'configmaps' }, 'refused', 'no')
    const between = <T extends KubeObject>(plural: string, client: ResourceClient<T>): ResourceClient<T> => ({
      ...client,
      create: (object, write) =>
        plural === 'configmaps' && object.metadata.name === 'refused'
          ? Promise.reject(refusal)
          : client.create(object, write),
    })
    await using cluster = await openSyncCluster({ genericTargets: true, between })
    cluster.start()
    const theirs = (name: string): Manifest => ({ ...configMap, metadata: { name, namespace: 'a' }, data: { x: '1' } })
    await cluster.apply(namespace('a'), aStore({ k: 'v' }), theirs('foreign'), theirs('merged'))
    await cluster.apply(toConfigMap('foreign'), toConfigMap('merged', { creationPolicy: 'Merge' }))
    await holds(cluster, 'merged', { x: '1', a: 'v' })
    await until(async () => (await status(cluster, 'foreign'))?.includes('not ours') ?? false)
    t.match(await status(cluster, 'foreign'), /ResourceSyncedError/)
    await cluster.apply(toConfigMap('refused'))
    await until(async () => (await status(cluster, 'refused'))?.includes('"could not update ConfigMap"') ?? false)
    t.same(await dataOf(cluster, 'foreign'), { x: '1' })
    await cluster.apply(
      anExternalSecret('app', { target: { manifest: { apiVersion: 'example.com/v1', kind: 'App' } } }),
    )
    await until(async () => (await status(cluster, 'app'))?.includes('could not get target resource') ?? false)
    await cluster.apply(anExternalSecret('s', { target: { manifest: { apiVersion: 'v1', kind: 'Secret' } } }))
    await until(async () => (await status(cluster, 's'))?.includes('invalid generic target') ?? false)
  },
)

t.test('where ConfigMaps may not be watched, a new beginning looks by name and asks no provider', async (t) => {
  const clock = new ManualClock()
  const provider = new TestProvider()
  const options = { clock, loadProvider: async () => provider.provider, genericTargets: true, byName: true }
  await using cluster = await openSyncCluster(options)
  cluster.start()
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), toConfigMap('es', {}, { refreshInterval: '1h' }))
  await clock.advance(4000)
  t.same(await dataOf(cluster, 'es'), { a: 'k as nobody' })
  await cluster.stop()
  provider.reads.length = 0
  cluster.start()
  await clock.advance(4000)
  t.same(provider.reads, [])
  await cluster.patch(at('es'), { data: { a: 'w' } })
  await clock.advance(300_000)
  t.same(await dataOf(cluster, 'es'), { a: 'k as nobody' })
})

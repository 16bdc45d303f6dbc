import { randomBytes } from 'node:crypto'
import t from 'tap'
import { systemClock } from '../../../base/clock.ts'
import type { ExternalSecret } from '../../../kinds/external-secret/v1.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { openSyncCluster } from '../../../test/support/sync-cluster.ts'
import { aStore, anExternalSecret, namespace, path, status } from '../../../test/support/sync-manifests.ts'
import { until } from '../../../test/support/until.ts'
import { renderManifest } from '../../manifest/render-manifest.ts'
import { rewriteValues } from '../../rewrite/rewrite.ts'
import { ParsedTemplates } from '../parsed-templates.ts'
import { renderTarget } from '../render.ts'
import type { TemplateDocument } from '../template-documents.ts'
import { RenderThread, renderThreadLimits } from './render-thread.ts'
import { Renders, type Unrendered } from './renders.ts'

const engine = { clock: systemClock, random: randomBytes, templates: new ParsedTemplates() }
const derived = '{{ derivePassword 1 "long" (.k | toString) "user" "example.com" }}'
/** It is told by what it may call. */
const heavy = '{{ if false }}{{ bcrypt "x" }}{{ end }}{{ .k | b64enc }}'

/** Minutes of work. */
const manyKeys: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: 5000 }, (_, index) => [`k${index}`, '{{ genPrivateKey "rsa" }}']),
)

interface Stage extends AsyncDisposable {
  readonly renders: Renders
  readonly thread: RenderThread
  readonly clock: ManualClock
  /** How often a template began on this thread. */
  readonly begunHere: () => number
}

function openStage(limits: Partial<typeof renderThreadLimits> = {}): Stage {
  const end = new AbortController()
  const clock = new ManualClock()
  const thread = new RenderThread({ ...renderThreadLimits, ...limits, clock, signal: end.signal })
  let begun = 0
  const monotonic = (): number => {
    begun += 1
    return systemClock.monotonic()
  }
  const renders = new Renders({ ...engine, clock: { now: () => systemClock.now(), monotonic } }, thread)
  return {
    renders,
    thread,
    clock,
    begunHere: () => begun,
    [Symbol.asyncDispose]: async () => end.abort(),
  }
}

function unrendered(
  target: object,
  documents: readonly (readonly TemplateDocument[])[] = [],
  namespace = 'a',
): Unrendered {
  const externalSecret = {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'es', namespace },
    spec: { target },
  } as ExternalSecret
  return { externalSecret, values: new Map([['k', Buffer.from('v\0\xff', 'latin1')]]), documents }
}

t.test('a template that takes long runs beside this thread, and gives the same bytes', async (t) => {
  await using stage = openStage()
  const template = {
    data: { a: derived, b: '{{ .k }}' },
    metadata: { labels: { l: '{{ .k | len }}' } },
    type: 'Opaque',
  }
  const document = { key: 'doc', text: `d: ${heavy}`, templateAs: 'KeysAndValues', isConfidential: true }
  const from = { target: { template: { templateFrom: [{ secret: { name: 's', items: [{ key: 'doc' }] } }] } } }
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap' }
  const wanted = [unrendered({ template }), unrendered(from.target, [[document]])]
  for (const one of wanted) t.same(await stage.renders.target(one), renderTarget({ ...one, engine }))
  const other = unrendered({ template: { data: { a: heavy } }, manifest })
  t.same(await stage.renders.manifest(other), renderManifest({ ...other, engine }))
  const operations = [
    { transform: { template: '{{ if false }}{{ genPrivateKey "rsa" }}{{ end }}{{ .value | upper }}' } },
  ]
  t.same(await stage.renders.rewrite(other.values, operations, 'a'), rewriteValues(other.values, operations, engine))
  t.equal(stage.begunHere(), 0, 'nothing of it ran here')
  t.ok(stage.thread.isRunning)
  await stage.clock.advance(renderThreadLimits.idleMs)
  t.notOk(stage.thread.isRunning, 'a thread with nothing to do ends')
})

t.test('one that is light runs here and at once, and no thread is begun for it', async (t) => {
  await using stage = openStage()
  const light = unrendered({ template: { data: { a: '{{ .k | b64enc }}', b: 'genPrivateKey' } } })
  t.same(stage.renders.target(light), renderTarget({ ...light, engine }))
  t.throws(() => stage.renders.target(unrendered({ template: { data: { a: '{{ genPrivateKe }}' } } })), {
    message: /genPrivateKe/,
  })
  t.equal(stage.begunHere(), 2)
  t.notOk(stage.thread.isRunning)
})

t.test('a template is parsed once, under each of its names; one out of a Secret each time', async (t) => {
  const templates = new ParsedTemplates()
  const source = { name: 'a', text: '{{ .k }}' }
  t.equal(templates.parse({ ...source }), templates.parse(source))
  t.equal(templates.parse({ name: 'a{{', text: ' .k }}' }).name, 'a{{')
  t.equal(templates.parse({ name: 'b', text: '{{ .k }}' }).name, 'b')
  const confidential = { ...source, isConfidential: true }
  t.not(templates.parse(confidential), templates.parse(confidential))
  t.notOk(templates.parse(confidential).isPublic)
})

t.test('one that does not end is ended, and the next finds a new thread', async (t) => {
  await using stage = openStage()
  const endless = Promise.resolve(stage.renders.target(unrendered({ template: { data: manyKeys } })))
  const next = Promise.resolve(stage.renders.target(unrendered({ template: { data: { a: heavy } } })))
  const refused = t.rejects(endless, {
    code: 'invalid-value',
    message: 'templates took longer than 10 s: make fewer keys and hashes in one target, or smaller ones',
  })
  await stage.clock.advance(renderThreadLimits.budgetMs)
  await refused
  t.match((await next).data.get('a'), Buffer.from('dgD/'))
})

t.test('namespaces take turns, and one that had to be ended waits for all others', async (t) => {
  await using stage = openStage()
  const ended: string[] = []
  const give = (namespace: string, data: Readonly<Record<string, string>>): Promise<unknown> => {
    const end = (): void => void ended.push(namespace)
    return Promise.resolve(stage.renders.target(unrendered({ template: { data } }, [], namespace))).then(end, end)
  }
  const endless = [1, 2, 3].map(() => give('endless', manyKeys))
  const first = give('other', { a: heavy })
  await stage.clock.advance(renderThreadLimits.budgetMs)
  await first
  t.same(ended, ['endless', 'other'], 'not after all of the others')
  const more = [give('other', { a: heavy }), give('third', { a: heavy }), give('other', { a: heavy })]
  await stage.clock.advance(renderThreadLimits.budgetMs)
  await Promise.all(more)
  t.same(ended.slice(2), ['endless', 'other', 'third', 'other'])
  await stage.clock.advance(renderThreadLimits.budgetMs)
  await Promise.all(endless)
  t.equal(ended.at(-1), 'endless', 'its turn comes')
})

t.test('its failures are those of a light one, and a witness is told in order', async (t) => {
  await using stage = openStage()
  const failing = unrendered({ template: { data: { a: heavy, b: '{{ fail .k }}' } } })
  const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '')
  const inThread = await Promise.resolve(stage.renders.target(failing)).then(() => '', messageOf)
  const here = await Promise.resolve()
    .then(() => renderTarget({ ...failing, engine }))
    .then(() => '', messageOf)
  t.match(inThread, /at key b: .*fail/)
  t.equal(inThread, here)
  t.notMatch(inThread, 'v\0')
  const told: unknown[] = []
  const witness = {
    gave: (field: string, key: string) => void told.push([field, key]),
    failed: (field: string, error: Error) => void told.push([field, error.message]),
  }
  await stage.renders.target({ ...failing, witness })
  t.match(told, [
    ['spec.target.template.data[a]', 'a'],
    ['spec.target.template.data[b]', /^unable to execute/],
  ])
})

t.test('one that takes more memory than a thread has ends that thread alone', async (t) => {
  await using stage = openStage({ heapMegabytesMax: 4 })
  await t.rejects(Promise.resolve(stage.renders.target(unrendered({ template: { data: { a: heavy } } }))), {
    code: 'invalid-value',
    message: 'templates took more memory than those of one target may',
  })
  t.notOk(stage.thread.isRunning)
})

t.test('an ExternalSecret with such a template is synced, and the end of the syncer ends its thread', async (t) => {
  await using cluster = await openSyncCluster()
  cluster.start()
  const data = [{ secretKey: 'k', remoteRef: { key: 'k' } }]
  const target = { template: { data: { a: heavy } } }
  await cluster.apply(namespace('a'), aStore({ k: 'v' }), anExternalSecret('es', { data, target }))
  await until(async () => (await status(cluster, 'es'))?.includes('"SecretSynced"') ?? false)
  const written = (await cluster.read(path('secrets', 'es'))) as unknown as { data: Record<string, string> }
  t.equal(Buffer.from(written.data['a'] ?? '', 'base64').toString(), 'dg==')
})

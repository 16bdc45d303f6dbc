import t, { type Test } from 'tap'
import { silentLogger } from '../base/log.ts'
import type { ResourceClient, WatchNotice } from '../machinery/client.ts'
import type { KubeObject } from '../machinery/object.ts'
import { FakeWire, type WireRequest } from '../test/support/fake-wire.ts'
import { ManualClock } from '../test/support/manual-clock.ts'
import { until } from '../test/support/until.ts'
import { type ClusterClient, createClusterClient } from './client.ts'
import { Contact } from './reconnecting/contact.ts'
import { type AuthenticationConfigMap, RequestHeaderCa } from './request-header-ca.ts'
import { resourceClient } from './resource-client.ts'

/** A watch over a wire on which the test answers; time moves when the test says so. */
async function open(t: Test, options: { readonly random?: () => number } = {}): Promise<Scene> {
  const wire = await FakeWire.start()
  const clock = new ManualClock()
  const limits = { clock, timeoutMs: 30_000, perSecond: 0, burst: 1, concurrencyMax: 2, responseBytesMax: 1e6 }
  const contact = new Contact()
  const { client, underway } = counting(await createClusterClient({ server: wire.url }, { ...limits, contact }))
  let interruptionCount = 0
  const log = { ...silentLogger, warn: () => void (interruptionCount += 1) }
  const random = options.random ?? ((): number => 0)
  const kind = { group: '', version: 'v1', plural: 'configmaps' }
  const watching = { clock, random, log, contact, silenceMs: 150_000 }
  const resource = resourceClient<AuthenticationConfigMap>(client, kind, watching)
  const stopping = new AbortController()
  const told: string[] = []
  const watched = follow(resource.watch({ namespace: 'a' }, stopping.signal), told)
  watched.catch(() => undefined)
  t.teardown(async () => {
    stopping.abort()
    await watched.catch(() => undefined)
    await client[Symbol.asyncDispose]()
    await wire[Symbol.asyncDispose]()
  })
  /** What is on the wire takes no time of this clock. */
  const isResting = async (): Promise<boolean> => {
    await clock.advance(0)
    return wire.waitingCount === 0 && underway() === wire.openCount
  }
  /** Lets time pass until the next request is there; answers how much passed. */
  const after: Scene['after'] = async (stepMs = 200) => {
    const startMs = clock.monotonic()
    while (wire.waitingCount === 0) {
      if ((await isResting()) && (await isResting())) await clock.advance(stepMs)
    }
    return { request: await wire.next(), passedMs: clock.monotonic() - startMs }
  }
  return { wire, clock, contact, resource, told, watched, after, interruptions: () => interruptionCount }
}

interface Scene {
  readonly wire: FakeWire
  readonly clock: ManualClock
  readonly contact: Contact
  readonly interruptions: () => number
  readonly resource: ResourceClient<AuthenticationConfigMap>
  readonly told: string[]
  readonly watched: Promise<void>
  readonly after: (stepMs?: number) => Promise<{ readonly request: WireRequest; readonly passedMs: number }>
}

interface Counting {
  readonly client: ClusterClient
  /** Calls that have not ended, to the last byte. */
  readonly underway: () => number
}

function counting(client: ClusterClient): Counting {
  let count = 0
  const ended = (): void => void (count -= 1)
  const call: ClusterClient['call'] = (request) => {
    count += 1
    return client.call(request).finally(ended)
  }
  const stream: ClusterClient['stream'] = async (path, signal) => {
    count += 1
    try {
      return toTheEnd(await client.stream(path, signal), ended)
    } catch (error) {
      ended()
      throw error
    }
  }
  return { client: { ...client, call, stream }, underway: () => count }
}

async function* toTheEnd(pieces: AsyncIterable<Uint8Array>, ended: () => void): AsyncIterable<Uint8Array> {
  try {
    yield* pieces
  } finally {
    ended()
  }
}

async function follow(watch: AsyncIterable<readonly WatchNotice<KubeObject>[]>, told: string[]): Promise<void> {
  for await (const notices of watch) {
    for (const notice of notices) {
      const { name, uid } = notice.type === 'synced' ? { name: '', uid: '' } : notice.object.metadata
      told.push(notice.type === 'synced' ? 'synced' : `${notice.type} ${name}/${uid}`)
    }
  }
}

function anObject(name: string, resourceVersion: string, uid = name): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'a', name, uid, resourceVersion } }
}

function aList(resourceVersion: string, items: readonly unknown[], more?: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMapList',
    metadata: { resourceVersion, ...(more && { continue: more }) },
    items,
  }
}

const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }

function bookmark(resourceVersion: string): unknown {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { resourceVersion } }
}

async function toldIs(t: Test, told: string[], expected: readonly string[]): Promise<void> {
  await until(async () => told.length >= expected.length)
  t.same(told.splice(0), expected)
}

t.test('the state comes in pages, then changes; a watch that the server ends goes on where it was', async (t) => {
  const { wire, told, after } = await open(t, { random: () => 0.5 })
  const first = await wire.next()
  t.same(Object.fromEntries(first.query), { limit: '500' })
  first.json(200, aList('10', [anObject('x', '4')], 'next'))
  const second = await wire.next()
  t.same(Object.fromEntries(second.query), { limit: '500', continue: 'next' })
  second.json(200, aList('10', [anObject('y', '5')]))
  await toldIs(t, told, ['set x/x', 'set y/y', 'synced'])
  const watch = await wire.next()
  const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '10', timeoutSeconds: '450' }
  t.same(Object.fromEntries(watch.query), query)
  watch.event('MODIFIED', anObject('x', '11'))
  watch.event('DELETED', anObject('y', '12'))
  watch.event('BOOKMARK', bookmark('19'))
  await toldIs(t, told, ['set x/x', 'deleted y/y'])
  watch.response.end()
  const { request, passedMs } = await after()
  t.equal(request.query.get('resourceVersion'), '19', 'behind the bookmark, without a list')
  t.equal(passedMs, 0, 'at once')
  request.response.write('{"type":"ADDED","object":{"metadata"')
  request.response.write(`:{"name":"z","uid":"z","resourceVersion":"20"}}}\n`)
  await toldIs(t, told, ['set z/z'])
})

t.test(
  'an expired revision leads to a list; what went missing is told as deleted, what stayed is not told',
  async (t) => {
    const { wire, told, after } = await open(t)
    ;(await wire.next()).json(200, aList('10', [anObject('x', '4'), anObject('y', '5'), anObject('z', '6', 'old')]))
    await toldIs(t, told, ['set x/x', 'set y/y', 'set z/old', 'synced'])
    ;(await wire.next()).event('ERROR', expired)
    const { request, passedMs } = await after()
    t.ok(passedMs >= 800)
    t.notOk(request.query.has('watch'))
    request.json(200, aList('30', [anObject('x', '4'), anObject('z', '29', 'new')]))
    await toldIs(t, told, ['deleted z/old', 'set z/new', 'deleted y/y', 'synced'])
    const again = await after()
    t.equal(again.request.query.get('resourceVersion'), '30')
    again.request.json(410, expired)
    const listed = await after()
    t.notOk(listed.request.query.has('watch'), 'the answer 410 alike')
    listed.request.json(200, aList('40', [anObject('x', '4')], 'next'))
    const page = await after()
    page.request.json(410, expired)
    const whole = await after()
    t.same(Object.fromEntries(whole.request.query), {}, 'pages that expired are asked for in one piece')
    whole.request.json(200, aList('50', []))
    await toldIs(t, told, ['deleted x/x', 'deleted z/new', 'synced'])
  },
)

t.test('a connection that breaks or falls silent is replaced without a list', async (t) => {
  const { wire, told, after } = await open(t)
  ;(await wire.next()).json(200, aList('10', []))
  await toldIs(t, told, ['synced'])
  const broken = await wire.next()
  broken.event('ADDED', anObject('x', '11'))
  await toldIs(t, told, ['set x/x'])
  broken.response.socket?.destroy()
  const silent = await after()
  t.ok(silent.passedMs >= 800, 'after a pause')
  t.equal(silent.request.query.get('resourceVersion'), '11')
  silent.request.response.flushHeaders()
  const next = await after(5000)
  t.ok(next.passedMs >= 150_000 && next.passedMs < 160_000, String(next.passedMs))
  t.equal(next.request.query.get('resourceVersion'), '11')
  next.request.response.end()
  const short = await after()
  t.ok(short.passedMs >= 800, 'a watch that ends at once is not begun at once')
  t.equal(short.request.query.get('resourceVersion'), '11')
})

t.test('a pause because nobody answered is over soon after anybody is answered', async (t) => {
  const { wire, told, after, contact, interruptions } = await open(t, { random: () => 0.5 })
  ;(await wire.next()).json(200, aList('10', []))
  await toldIs(t, told, ['synced'])
  let passedMs = 0
  for (let failure = 0; failure < 6; failure += 1) {
    const next = await after()
    next.request.response.socket?.destroy()
    await until(async () => interruptions() > failure)
    passedMs = next.passedMs
  }
  t.equal(passedMs, 19_200)
  contact.heard()
  const next = await after()
  t.equal(next.passedMs, 1200, 'nobody comes at once')
  t.equal(next.request.query.get('resourceVersion'), '10')
  next.request.json(500, {})
  await until(async () => interruptions() > 6)
  contact.heard()
  const second = await after()
  t.equal(second.passedMs, 2400, 'nor as soon when nothing came of it')
  second.request.json(403, {})
  t.equal((await after()).passedMs, 1200, 'a refusal by one that is back is a first failure')
})

t.test('pauses grow, have chance in them, and are as long as the server asks', async (t) => {
  const { wire, told, after } = await open(t, { random: () => 0.5 })
  ;(await wire.next()).json(500, {})
  const pauses: number[] = []
  for (let failure = 0; failure < 7; failure += 1) {
    const { request, passedMs } = await after()
    pauses.push(passedMs)
    request.json(503, {})
  }
  t.same(pauses, [1200, 2400, 4800, 9600, 19_200, 38_400, 45_000])
  ;(await after()).request.json(200, aList('10', []))
  await toldIs(t, told, ['synced'])
  const watch = await after()
  watch.request.json(429, {}, { 'retry-after': '100' })
  const next = await after(5000)
  t.ok(next.passedMs >= 100_000)
  t.equal(next.request.query.get('resourceVersion'), '10', 'too many requests say nothing about the revision')
})

t.test('a refusal before the first state is told to the caller, later ones are outlived', async (t) => {
  const refused = await open(t)
  ;(await refused.wire.next()).json(403, { kind: 'Status', code: 403, reason: 'Forbidden' })
  await t.rejects(refused.watched, { code: 403, reason: 'Forbidden' })
  const { wire, told, after } = await open(t)
  ;(await wire.next()).json(200, aList('10', []))
  ;(await wire.next()).json(403, {})
  const { request } = await after()
  request.json(403, {})
  ;(await after()).request.json(200, aList('12', [anObject('x', '11')]))
  await toldIs(t, told, ['synced', 'set x/x', 'synced'])
})

t.test('the settings of the cluster are followed; what cannot be read leaves the last ones in force', async (t) => {
  const { wire, resource, after } = await open(t)
  ;(await wire.next()).json(403, {})
  const opening = RequestHeaderCa.open({
    configMaps: resource,
    log: silentLogger,
    read: (settings) => {
      if (settings.requestHeaderAuthorityPem === 'broken') throw new Error('broken')
      return settings
    },
  })
  const first = await wire.next()
  t.equal(first.path, '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication')
  const data = {
    'client-ca-file': 'A',
    'requestheader-client-ca-file': 'B',
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-username-headers': '["X-Remote-User"]',
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  }
  first.json(200, { ...anObject('x', '1'), data })
  const settings = await opening
  t.match(settings.current, {
    clientAuthorityPem: 'A',
    requestHeaderAuthorityPem: 'B',
    allowedNames: ['front-proxy-client'],
    userHeaders: ['x-remote-user'],
    uidHeaders: [],
    extraPrefixes: ['x-remote-extra-'],
  })
  const seen: string[] = []
  const stopping = new AbortController()
  const followed = settings.follow((now) => seen.push(now.requestHeaderAuthorityPem), stopping.signal)
  const list = await after()
  t.equal(list.request.query.get('fieldSelector'), 'metadata.name=extension-apiserver-authentication')
  list.request.json(200, aList('10', [{ ...anObject('x', '2'), data }]))
  const { request } = await after()
  const changed = (version: string, change: object): void =>
    request.event('MODIFIED', { ...anObject('x', version), data: { ...data, ...change } })
  changed('11', { 'requestheader-client-ca-file': 'broken' })
  changed('12', { 'requestheader-allowed-names': 'anybody' })
  changed('13', { 'requestheader-client-ca-file': 'C' })
  request.event('DELETED', anObject('x', '14'))
  await until(async () => seen.length === 3)
  t.same(seen, ['B', 'C', ''], 'a ConfigMap that is gone leaves nobody to believe')
  stopping.abort()
  await followed
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock, type Clock } from '../base/clock.ts'
import { silentLogger } from '../base/log.ts'
import { Metrics } from '../base/metrics.ts'
import type { KubeObject } from '../machinery/object.ts'
import { StatusError } from '../machinery/status.ts'
import { FakeWire } from '../test/support/fake-wire.ts'
import { ManualClock } from '../test/support/manual-clock.ts'
import { Silence } from '../test/support/silence.ts'
import { until } from '../test/support/until.ts'
import { seriesOf } from '../test/support/metric-series.ts'
import { callMetrics } from './metrics/call-metrics.ts'
import { reviewMetrics } from './metrics/review-metrics.ts'
import { type ClusterClient, type ClusterClientOptions, createClusterClient } from './client.ts'
import { Contact } from './reconnecting/contact.ts'
import { inClusterConfig, type TokenSource } from './cluster-config.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { resourceClient } from './resource-client.ts'
import { selfSubjectAccessReview } from './reviews/self-subject-access-review.ts'
import { subjectAccessReview } from './reviews/subject-access-review.ts'
import { Throttle } from './throttle.ts'
import { tokenReview } from './reviews/token-review.ts'

const limits: ClusterClientOptions = {
  clock: systemClock,
  timeoutMs: 30_000,
  perSecond: 0,
  burst: 1,
  concurrencyMax: 2,
  responseBytesMax: 4096,
}

interface Opened {
  readonly wire: FakeWire
  readonly client: ClusterClient
}

async function open(
  t: Test,
  { token, basePath = '/', clock = systemClock, ...options }: Partial<Extra> = {},
): Promise<Opened> {
  const wire = await FakeWire.start()
  const server = new URL(basePath, wire.url)
  const client = await createClusterClient({ server, ...(token && { token }) }, { ...limits, ...options, clock })
  t.teardown(async () => {
    await client[Symbol.asyncDispose]()
    await wire[Symbol.asyncDispose]()
  })
  return { wire, client }
}

interface Extra extends ClusterClientOptions {
  readonly token: TokenSource
  readonly basePath: string
  readonly clock: Clock
}

function folderOf(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const path = '/api/v1/namespaces/a/configmaps/x'

t.test('calls share kept-alive connections, and no more of them than are allowed', async (t) => {
  const { wire, client } = await open(t, { basePath: '/proxied/' })
  for (let round = 0; round < 5; round += 1) {
    const answer = client.call({ method: 'GET', path })
    const request = await wire.next()
    t.equal(request.path, `/proxied${path}`)
    request.json(200, { round })
    t.same(await answer, { round })
  }
  t.ok(wire.connectionCount <= 2)
  const many = [1, 2, 3, 4].map(() => client.call({ method: 'GET', path }))
  const [first, second] = [await wire.next(), await wire.next()]
  t.equal(wire.waitingCount, 0, 'two are under way, two wait')
  first.json(200, {})
  second.json(200, {})
  for (let left = 2; left > 0; left -= 1) (await wire.next()).json(200, {})
  await Promise.all(many)
  t.equal(wire.connectionCount, 2)
})

t.test('a refusal keeps its code, reason and details, and loses the words of others', async (t) => {
  const { wire, client } = await open(t)
  const answers = async (code: number, body: unknown, headers = {}): Promise<unknown> => {
    const answer = client
      .call({ method: 'PUT', path: `${path}?fieldManager=f`, body: {} })
      .catch((error: unknown) => error)
    ;(await wire.next()).json(code, body, headers)
    return answer
  }
  const status = {
    kind: 'Status',
    code: 403,
    reason: 'Forbidden',
    message: 'the value hunter2 is too weak',
    details: {
      name: 'x',
      kind: 'configmaps',
      causes: [{ reason: 'NamespaceTerminating', message: 'hunter2', field: 'f' }],
    },
  }
  const refused = await answers(403, status)
  t.match(refused, {
    name: 'StatusError',
    code: 403,
    reason: 'Forbidden',
    message: `PUT ${path}: the cluster answered 403 Forbidden`,
    details: { name: 'x', kind: 'configmaps', causes: [{ reason: 'NamespaceTerminating', field: 'f' }] },
  })
  t.notMatch(JSON.stringify(refused), /hunter2/)
  t.match(await answers(503, 'hunter2', { 'retry-after': '7' }), { code: 503, details: { retryAfterSeconds: 7 } })
  t.match(await answers(302, 'hunter2', { location: 'http://127.0.0.1:1/' }), {
    name: 'ClusterError',
    code: 'cluster-answer',
  })
  t.match(await answers(200, 'no object'), { name: 'ClusterError', code: 'cluster-answer' })
  t.match(await answers(200, { big: 'x'.repeat(5000) }), { name: 'OutboundError', code: 'too-large' })
})

t.test('who cannot be reached, or does not answer in time, is an error of the way and not an answer', async (t) => {
  const { wire, client } = await open(t, { timeoutMs: 1000 })
  const late = client.call({ method: 'GET', path }).catch((error: unknown) => error)
  const request = await wire.next()
  t.match(await late, { name: 'OutboundError', code: 'timeout' })
  request.response.destroy()
  const patient = await open(t)
  const given = new AbortController()
  const ended = patient.client.call({ method: 'GET', path, signal: given.signal }).catch((error: unknown) => error)
  await patient.wire.next()
  given.abort(new Error('enough'))
  t.match(await ended, { message: 'enough' })
  await using silence = await Silence.open()
  await using deaf = await createClusterClient({ server: new URL(`https://127.0.0.1:${silence.port}`) }, limits)
  const leaving = new AbortController()
  const asked = [deaf.call({ method: 'GET', path, signal: leaving.signal }), deaf.stream(path, leaving.signal)]
  const refused = asked.map((one: Promise<unknown>) => t.rejects(one, { message: 'left' }))
  await until(async () => silence.count === 2)
  leaving.abort(new Error('left'))
  await Promise.all(refused)
  await wire[Symbol.asyncDispose]()
  t.match(await client.call({ method: 'GET', path }).catch((error: unknown) => error), { code: 'unreachable' })
})

t.test("calls are counted under client-go's names, and reviews under the apiserver's", async (t) => {
  const metrics = new Metrics()
  const { wire, client } = await open(t, { metrics: callMetrics(metrics), timeoutMs: 5000 })
  const reviewer = { client, clock: systemClock, random: () => 0, metrics: reviewMetrics(metrics) }
  const answered = async (work: Promise<unknown>, code: number, body: unknown = {}): Promise<void> => {
    ;(await wire.next()).json(code, body)
    await work.catch(() => undefined)
  }
  await answered(client.call({ method: 'GET', path }), 200)
  await answered(client.call({ method: 'GET', path }), 404)
  await answered(client.stream(path, new AbortController().signal), 200)
  await answered(tokenReview(reviewer)('token'), 201, { status: {} })
  await answered(selfSubjectAccessReview(reviewer)({ resource: 'pods', verb: 'get' }), 201, { status: {} })
  const asking = subjectAccessReview(reviewer)({ user: 'ann', groups: [] }).catch(() => undefined)
  ;(await wire.next()).json(403, {})
  await asking
  const cut = client.call({ method: 'DELETE', path }).catch(() => undefined)
  ;(await wire.next()).response.destroy()
  await cut

  const text = metrics.render()
  const counted = (name: string, ...labels: readonly string[]): readonly string[] =>
    seriesOf(text, name).map(({ labels: of, value }) => [...labels.map((label) => of[label]), value].join(' '))
  t.same(counted('rest_client_requests_total', 'method', 'code'), [
    ...['GET 200 2', 'GET 404 1', 'POST 201 2', 'POST 403 1', 'DELETE <error> 1'],
  ])
  t.equal(seriesOf(text, 'rest_client_requests_total')[0]?.labels['host'], wire.url.host)
  t.same(counted('rest_client_request_duration_seconds', 'verb'), ['GET 3', 'POST 3', 'DELETE 1'])
  t.same(counted('apiserver_delegated_authn_request_total', 'code'), ['201 1'])
  t.same(counted('apiserver_delegated_authz_request_duration_seconds', 'code'), ['403 1'])
})

t.test('a token in a file is read again, and one that is missing for a moment changes nothing', async (t) => {
  const file = join(folderOf(t), 'token')
  writeFileSync(file, 'one\n')
  const clock = new ManualClock()
  const { wire, client } = await open(t, { clock, token: { kind: 'file', path: file } })
  const sent = async (): Promise<string | undefined> => {
    const answer = client.call({ method: 'GET', path })
    const request = await wire.next()
    request.json(200, {})
    await answer
    return request.headers.authorization
  }
  t.equal(await sent(), 'Bearer one')
  writeFileSync(file, 'two\n')
  t.equal(await sent(), 'Bearer one')
  await clock.advance(60_000)
  t.equal(await sent(), 'Bearer two')
  rmSync(file)
  await clock.advance(60_000)
  t.equal(await sent(), 'Bearer two')
  const without = await open(t, { clock, token: { kind: 'file', path: file } })
  await t.rejects(without.client.call({ method: 'GET', path }), { code: 'cluster-config' })
})

t.test('calls beyond the burst wait their turn', async (t) => {
  const clock = new ManualClock()
  const throttle = new Throttle({ clock, perSecond: 10, burst: 2 })
  const passed: number[] = []
  const calls = [0, 1, 2, 3].map((index) => throttle.turn().then(() => passed.push(index)))
  await clock.advance(0)
  t.same(passed, [0, 1])
  await clock.advance(100)
  t.same(passed, [0, 1, 2])
  await clock.advance(100)
  await Promise.all(calls)
  await clock.advance(10_000)
  await Promise.all([throttle.turn(), throttle.turn()])
  const stopped = AbortSignal.abort(new Error('enough'))
  await t.rejects(throttle.turn(stopped), { message: 'enough' })
})

t.test(
  'a kubeconfig is read with data, files beside it and tokens; what it cannot mean is refused by name',
  async (t) => {
    const folder = folderOf(t)
    const file = join(folder, 'config')
    mkdirSync(join(folder, 'pki'))
    writeFileSync(join(folder, 'pki/ca.crt'), 'CA')
    const write = (cluster: object, user: object): void =>
      writeFileSync(
        file,
        JSON.stringify({
          'current-context': 'here',
          contexts: [{ name: 'other' }, { name: 'here', context: { cluster: 'c', user: 'u' } }],
          clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443/base', ...cluster } }],
          users: [{ name: 'u', user }],
        }),
      )
    const data = { 'client-certificate-data': Buffer.from('CERT').toString('base64'), 'client-key-data': 'S0VZ' }
    write({ 'certificate-authority': 'pki/ca.crt', 'tls-server-name': 'kube' }, data)
    const expected = { authorityPem: 'CA', serverName: 'kube', certificatePem: 'CERT', keyPem: 'KEY' }
    t.same(await readKubeconfig(file), { server: new URL('https://127.0.0.1:6443/base'), ...expected })
    write({}, { tokenFile: 'token', token: 'old' })
    t.same((await readKubeconfig(file)).token, { kind: 'file', path: join(folder, 'token') })
    write({}, { token: 'fixed' })
    t.same((await readKubeconfig(file)).token, { kind: 'fixed', token: 'fixed' })
    const refused: readonly [object, object, RegExp][] = [
      [{}, { exec: { command: 'rm' } }, /exec is not supported/],
      [{ 'insecure-skip-tls-verify': true }, {}, /insecure-skip-tls-verify is not supported/],
      [{ server: 'http://127.0.0.1' }, {}, /not an https URL/],
      [{ 'certificate-authority': 'pki/none.crt' }, {}, /none\.crt cannot be read/],
    ]
    for (const [cluster, user, message] of refused) {
      write(cluster, user)
      await t.rejects(readKubeconfig(file), { code: 'cluster-config', message })
    }
    writeFileSync(file, 'token: hunter2: {')
    await t.rejects(readKubeconfig(file), { message: `cluster-config: ${file} is not a kubeconfig` })
  },
)

t.test('in a pod the address comes from the environment and the CA from its folder', async (t) => {
  const folder = folderOf(t)
  writeFileSync(join(folder, 'ca.crt'), 'CA')
  const config = await inClusterConfig({ host: 'fd00::1', port: '443', folder })
  t.equal(config.server.href, 'https://[fd00::1]/')
  t.same(config.token, { kind: 'file', path: join(folder, 'token') })
  await t.rejects(inClusterConfig({ host: undefined, port: undefined, folder }), { code: 'cluster-config' })
})

t.test('a write that waited for its turn goes out only if its maker may still write', async (t) => {
  const clock = new ManualClock()
  const { wire, client } = await open(t, { clock, perSecond: 1, burst: 1, concurrencyMax: 1 })
  const reading = { clock, random: () => 0, log: silentLogger, silenceMs: 150_000, contact: new Contact() }
  const widgets = resourceClient<KubeObject>(
    client,
    { group: 'example.com', version: 'v1', plural: 'widgets' },
    reading,
  )
  const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { namespace: 'a', name: 'x' } }
  let mayWrite = true
  const begins = (): void => {
    if (!mayWrite) throw new StatusError({ code: 503, reason: 'ServiceUnavailable', message: 'not any more' })
  }
  const inTime = widgets.create(object, { fieldManager: 'f', begins })
  ;(await wire.next()).json(201, object)
  await inTime
  const writes: readonly Promise<unknown>[] = [
    widgets.create(object, { fieldManager: 'f', begins }),
    widgets.update(object, { fieldManager: 'f', begins }),
    widgets.updateStatus(object, { fieldManager: 'f', begins }),
    widgets.delete({ namespace: 'a', name: 'x' }, { begins }),
  ]
  const late = writes.map((write) => t.rejects(write, { message: 'not any more' }))
  mayWrite = false
  await clock.advance(10_000)
  await Promise.all(late)
  t.equal(wire.waitingCount, 0)

  mayWrite = true
  const again = widgets.update(object, { fieldManager: 'f', begins })
  await clock.advance(10_000)
  ;(await wire.next()).json(200, object)
  t.match(await again, object, 'the connection is as good as before')

  const holding = widgets.get({ namespace: 'a', name: 'x' })
  await clock.advance(10_000)
  const held = await wire.next()
  const queued = t.rejects(widgets.update(object, { fieldManager: 'f', begins }), { message: 'not any more' })
  await clock.advance(10_000)
  mayWrite = false
  held.json(200, object)
  await Promise.all([holding, queued])
  t.equal(wire.waitingCount, 0, 'nor is it sent when the only connection is free again')
})

t.test('a resource is read and written where its kind and names say', async (t) => {
  const { wire, client } = await open(t)
  const kind = { group: 'example.com', version: 'v1', plural: 'widgets' }
  const widgets = resourceClient<KubeObject>(client, kind, {
    clock: systemClock,
    random: () => 0,
    log: silentLogger,
    silenceMs: 150_000,
    contact: new Contact(),
  })
  const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { namespace: 'a', name: 'x' } }
  const asked = async (call: Promise<unknown>, answer: unknown = object): Promise<string> => {
    const request = await wire.next()
    const { method, path: at, query, body } = request
    request.json(200, answer)
    await call
    return `${method} ${at}?${query} ${body.replaceAll('"', '')}`
  }
  const base = '/apis/example.com/v1/namespaces/a/widgets'
  const at = { namespace: 'a', name: 'x' }
  const write = { fieldManager: 'f' }
  const text = '{apiVersion:example.com/v1,kind:Widget,metadata:{namespace:a,name:x}}'
  t.equal(await asked(widgets.get(at)), `GET ${base}/x? `)
  t.equal(await asked(widgets.create(object, write)), `POST ${base}?fieldManager=f ${text}`)
  t.equal(await asked(widgets.update(object, write)), `PUT ${base}/x?fieldManager=f ${text}`)
  t.equal(await asked(widgets.updateStatus(object, write)), `PUT ${base}/x/status?fieldManager=f ${text}`)
  t.equal(
    await asked(widgets.delete(at, { uid: 'u', resourceVersion: '7' })),
    `DELETE ${base}/x? {kind:DeleteOptions,apiVersion:v1,propagationPolicy:Background,` +
      'preconditions:{uid:u,resourceVersion:7}}',
  )
  const list = widgets.list({ namespace: 'a', labelSelector: 'b=c' })
  const first = await wire.next()
  t.equal(`${first.path}?${first.query}`, `${base}?labelSelector=b%3Dc&limit=500`)
  const metadata = { resourceVersion: '9' }
  const items = [{ metadata: { name: 'x' } }]
  first.json(200, {
    apiVersion: 'example.com/v1',
    kind: 'WidgetList',
    metadata: { ...metadata, continue: 'more' },
    items,
  })
  const second = await wire.next()
  t.equal(second.query.get('continue'), 'more')
  second.json(200, { apiVersion: 'example.com/v1', kind: 'WidgetList', metadata, items })
  const { items: all } = await list
  const whole = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'x' } }
  t.same(all, [whole, whole], 'items are whole objects')
  await t.rejects(widgets.get({ namespace: 'a', name: '..' }), { code: 'cluster-answer' })
})

t.test('reviews are asked again where that can help, and say no more than they were told', async (t) => {
  const clock = new ManualClock()
  const { wire, client } = await open(t, { clock })
  const reviewer = { client, clock, random: () => 0 }
  const spec = { user: 'ann', groups: ['a,b'], nonResourceAttributes: { path: '/x', verb: 'get' } }
  const asked = subjectAccessReview(reviewer)(spec)
  ;(await wire.next()).json(429, {})
  let retried: Awaited<ReturnType<FakeWire['next']>> | undefined
  void wire.next().then((request) => (retried = request))
  while (retried === undefined) await clock.advance(500)
  t.same(JSON.parse(retried.body), { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec })
  retried.json(201, { status: { allowed: true, reason: 'because' } })
  t.same(await asked, { allowed: true, denied: false, reason: 'because' })
  const refused = subjectAccessReview(reviewer)(spec).catch((error: unknown) => error)
  ;(await wire.next()).json(403, {})
  t.match(await refused, { code: 403 }, 'a refusal stays one')

  const tokens = tokenReview(reviewer, ['ours'])
  const who = async (status: unknown): Promise<unknown> => {
    const answer = tokens('t')
    const request = await wire.next()
    t.match(JSON.parse(request.body), { kind: 'TokenReview', spec: { token: 't', audiences: ['ours'] } })
    request.json(201, { status })
    return answer
  }
  const user = { username: 'ann', uid: 'u', groups: ['g'], extra: { k: ['v'] } }
  t.same(await who({ authenticated: true, audiences: ['ours', 'theirs'], user }), user)
  t.equal(await who({ authenticated: true, audiences: ['theirs'], user }), undefined)
  t.equal(await who({ authenticated: true, user }), undefined, 'a cluster that looked at no audience')
  t.equal(await who({ authenticated: false, user }), undefined)
})

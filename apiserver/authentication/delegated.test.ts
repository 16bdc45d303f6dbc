import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { systemClock } from '../../base/clock.ts'
import { Metrics } from '../../base/metrics.ts'
import type { AccessReviewSpec, AccessReviewStatus } from '../../machinery/review/access-review.ts'
import type { ReviewedUser } from '../../machinery/review/reviewed-user.ts'
import { type BareServer, startBareServer } from '../../test/support/bare-server.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { seriesOf } from '../../test/support/metric-series.ts'
import { mastersMayEverything, firstOpinion } from '../authorization/authorizer.ts'
import { delegated } from '../authorization/delegated.ts'
import { type Authority, type KeyPair, makeAuthority, makeLeaf } from '../certificates/authority.ts'
import { parseRequestInfo } from '../request-info.ts'
import { reviewedTokens } from './bearer-token.ts'
import { CertificatePool } from './certificate-pool.ts'
import { clientCertificates } from './client-certificate.ts'
import type { FrontProxy } from './front-proxy.ts'
import { requestHeaders } from './request-header.ts'
import { union } from './union.ts'

/** Statements 169 to 183 of the conformance list, as far as they can be seen without a cluster. */
const now = systemClock.now()
const validity = { fromMs: now - 60_000, untilMs: now + 3_600_000 }

interface Scene {
  readonly server: BareServer
  readonly frontProxy: Authority
  readonly clients: Authority
  /** What the cluster was asked. */
  readonly reviews: AccessReviewSpec[]
  /** Of certificates. */
  readonly metrics: Metrics
  proxy: FrontProxy
  answer: (spec: AccessReviewSpec) => AccessReviewStatus
}

/** An aggregated server whose cluster allows everything, unless the test says otherwise. */
async function open(t: Test): Promise<Scene> {
  const [frontProxy, clients] = await Promise.all([
    makeAuthority('front-proxy-ca', validity),
    makeAuthority('client-ca', validity),
  ])
  const clientPool = CertificatePool.parse(clients.certificatePem)
  const reviews: AccessReviewSpec[] = []
  const review = async (spec: AccessReviewSpec): Promise<AccessReviewStatus> => {
    reviews.push(spec)
    return scene.answer(spec)
  }
  const clock = new ManualClock(now)
  const metrics = new Metrics()
  const server = await startBareServer({
    dispatch: async () => ({ type: 'object', code: 200, object: {} }),
    authenticate: union([
      requestHeaders({ clock, proxy: () => scene.proxy }),
      clientCertificates({ clock, metrics }, () => clientPool),
      reviewedTokens({ clock, review: async (token) => (token === 'good' ? robot : undefined) }),
    ]),
    authorize: firstOpinion([mastersMayEverything, delegated({ clock, review })]),
    moreAuthoritiesPem: `${frontProxy.certificatePem}\n${clients.certificatePem}`,
  })
  t.teardown(() => server[Symbol.asyncDispose]())
  const scene: Scene = {
    server,
    frontProxy,
    clients,
    reviews,
    metrics,
    proxy: {
      authorities: CertificatePool.parse(frontProxy.certificatePem),
      allowedNames: ['front-proxy-client'],
      userHeaders: ['x-remote-user'],
      uidHeaders: ['x-remote-uid'],
      groupHeaders: ['x-remote-group'],
      extraPrefixes: ['x-remote-extra-'],
    },
    answer: () => ({ allowed: true, denied: false, reason: '' }),
  }
  return scene
}

const robot: ReviewedUser = { username: 'robot', uid: 'u-1', groups: ['bots'], extra: {} }
const path = '/apis/example.com/v1/namespaces/a/widgets'
const ann = { 'x-remote-user': 'ann', 'x-remote-group': 'devs' }

function clientPair(authority: Authority, commonName: string, limits = validity): Promise<KeyPair> {
  return makeLeaf(authority, { use: 'client', commonName, groups: ['own-group'], validity: limits })
}

t.test('the front proxy names the client: user, UID, groups apart, extra values, in any script', async (t) => {
  const { server, frontProxy, reviews } = await open(t)
  const proxy = server.client(await clientPair(frontProxy, 'front-proxy-client'))
  const headers = {
    'x-remote-user': Buffer.from('Jürgen 漢').toString('latin1'),
    'x-remote-uid': 'u-7',
    'x-remote-group': ['one', 'a,b', ''],
    'x-remote-extra-example.com%2fscopes': ['r', 'w'],
    'x-remote-extra-bad%zz': 'kept',
  }
  t.equal((await proxy.call('GET', `${path}/x`, { headers })).status, 200)
  t.match(reviews, [
    {
      user: 'Jürgen 漢',
      uid: 'u-7',
      groups: ['one', 'a,b', 'system:authenticated'],
      extra: { 'example.com/scopes': ['r', 'w'], 'bad%zz': ['kept'] },
    },
  ])
})

t.test('who is remembered by the headers is told from whoever differs in one of them', async (t) => {
  const scene = await open(t)
  const { server, frontProxy, reviews } = scene
  const proxy = server.client(await clientPair(frontProxy, 'front-proxy-client'))
  const asked = async (headers: Readonly<Record<string, string | string[]>>): Promise<object | undefined> => {
    reviews.splice(0)
    await proxy.call('GET', `${path}/${reviews.length}`, { headers })
    return reviews[0]
  }
  const everything = { 'x-remote-user': 'ann', 'x-remote-group': ['a', 'b'], 'x-remote-extra-scope': 'r' }
  const first = { user: 'ann', uid: undefined, groups: ['a', 'b', 'system:authenticated'], extra: { scope: ['r'] } }
  t.match(await asked(everything), first)
  t.equal(await asked(everything), undefined, 'the same question is not asked twice')
  t.match(await asked({ ...everything, 'x-remote-user': 'bob' }), { ...first, user: 'bob' })
  t.match(await asked({ ...everything, 'x-remote-group': ['ab'] }), { groups: ['ab', 'system:authenticated'] })
  t.match(await asked({ ...everything, 'x-remote-group': ['b', 'a'] }), { groups: ['b', 'a', 'system:authenticated'] })
  t.match(await asked({ ...everything, 'x-remote-extra-scope': 'w' }), { extra: { scope: ['w'] } })
  t.match(await asked({ ...everything, 'x-remote-extra-other': 'r' }), { extra: { scope: ['r'], other: ['r'] } })
  t.match(await asked({ ...everything, 'x-remote-uid': 'u-1' }), { ...first, uid: 'u-1' })
  scene.proxy = { ...scene.proxy, userHeaders: ['x-other-user'], extraPrefixes: [] }
  t.match(
    await asked({ ...everything, 'x-other-user': 'eve' }),
    { user: 'eve', extra: undefined },
    'headers of other names',
  )
})

t.test('nobody else is believed', async (t) => {
  const scene = await open(t)
  const { server, reviews, clients, frontProxy } = scene
  const asked = async (pair: KeyPair | undefined, headers = {}): Promise<number> => {
    reviews.splice(0)
    return (await server.client(pair).call('GET', `${path}/x`, { headers: { ...ann, ...headers } })).status
  }
  await t.test('169: without a certificate', async (t) => {
    t.equal(await asked(undefined), 401)
    t.equal(await asked(undefined, { authorization: 'Bearer good' }), 200)
    t.match(reviews, [{ user: 'robot' }])
  })
  await t.test('170: a client of the cluster is itself', async (t) => {
    t.equal(await asked(await clientPair(clients, 'front-proxy-client')), 200)
    t.match(reviews, [{ user: 'front-proxy-client', groups: ['own-group', 'system:authenticated'] }])
  })
  await t.test('171: a certificate of the right authority with another name', async (t) => {
    t.equal(await asked(await clientPair(frontProxy, 'somebody')), 401)
    scene.proxy = { ...scene.proxy, allowedNames: [] }
    t.equal(await asked(await clientPair(frontProxy, 'somebody')), 200)
  })
  await t.test('172: a certificate for servers, one that has expired, one of an unknown authority', async (t) => {
    const serving = {
      use: 'server',
      commonName: 'front-proxy-client',
      hosts: ['front-proxy-client'],
      validity,
    } as const
    t.equal(await asked(await makeLeaf(frontProxy, serving)), 401)
    const past = { fromMs: now - 120_000, untilMs: now - 60_000 }
    t.equal(await asked(await clientPair(frontProxy, 'front-proxy-client', past)), 401)
    t.equal(await asked(await clientPair(await makeAuthority('front-proxy-ca', validity), 'front-proxy-client')), 401)
  })
  await t.test('the front proxy without a user is nobody, for its certificate is none of a client', async (t) => {
    t.equal(await asked(await clientPair(frontProxy, 'front-proxy-client'), { 'x-remote-user': '' }), 401)
  })
  await t.test('172: a certificate that is valid, of an authority that is not any more', async (t) => {
    const past = { fromMs: now - 120_000, untilMs: now - 60_000 }
    const [ended, fresh] = [await makeAuthority('old-ca', past), await makeAuthority('new-ca', validity)]
    const bundle = `${ended.certificatePem}\n${fresh.certificatePem}`
    scene.proxy = { ...scene.proxy, authorities: CertificatePool.parse(bundle) }
    const pair = await server.certificates.serving(['localhost', '127.0.0.1'])
    server.server.useTls({ ...pair, clientAuthorityPem: bundle })
    t.equal(await asked(await clientPair(fresh, 'front-proxy-client')), 200)
    t.equal(await asked(await clientPair(ended, 'front-proxy-client')), 401)
  })
})

t.test('175: another authority for the front proxy counts at once, on connections that are open too', async (t) => {
  const scene = await open(t)
  const { server, frontProxy, clients } = scene
  const before = server.client(await clientPair(frontProxy, 'front-proxy-client'))
  const fresh = await makeAuthority('front-proxy-ca', validity)
  const after = server.client(await clientPair(fresh, 'front-proxy-client'))
  t.equal((await before.call('GET', path, { headers: ann })).status, 200)
  t.equal((await after.call('GET', path, { headers: ann })).status, 401)
  scene.proxy = { ...scene.proxy, authorities: CertificatePool.parse(fresh.certificatePem) }
  const pair = await server.certificates.serving(['localhost', '127.0.0.1'])
  server.server.useTls({ ...pair, clientAuthorityPem: `${fresh.certificatePem}\n${clients.certificatePem}` })
  t.equal((await before.call('GET', path, { headers: ann })).status, 401)
  const again = await after.call('GET', path, { headers: ann }).catch(() => after.call('GET', path, { headers: ann }))
  t.equal(again.status, 200, 'on a connection of its own')

  const { port } = new URL(server.url)
  const early = connect({ host: '127.0.0.1', port: Number(port) })
  await once(early, 'connect')
  const next = await makeAuthority('front-proxy-ca', validity)
  await server.client().get('/livez')
  server.server.useTls({ ...pair, clientAuthorityPem: `${next.certificatePem}\n${clients.certificatePem}` })
  const { certificatePem: cert, keyPem: key } = await clientPair(next, 'front-proxy-client')
  const late = connectTls({ socket: early, cert, key, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
  late.on('error', () => undefined)
  await once(late, 'close')
  t.pass('a handshake that lasted over a change ends with the authorities that it knew')
  t.throws(() => CertificatePool.parse('nonsense'), { code: 'authority' })
})

t.test(
  '176: tokens are reviewed once in ten seconds; one that cannot be reviewed is refused and not remembered',
  async (t) => {
    const clock = new ManualClock()
    let asked = 0
    let answer = async (): Promise<ReviewedUser> => robot
    const review = (): Promise<ReviewedUser> => {
      asked += 1
      return answer()
    }
    const authenticate = reviewedTokens({ clock, review })
    const who = (token: string) => {
      const header = (name: string): readonly string[] => (name === 'authorization' ? [`Bearer ${token}`] : [])
      return authenticate({ header, headerNames: () => ['authorization'], rawHeaders: [], certificate: undefined })
    }
    const [first, second] = await Promise.all([who('t'), who('t')])
    t.same([first, second], [first, first])
    t.same(first, { name: 'robot', uid: 'u-1', groups: ['bots'], extra: {} })
    await clock.advance(9_999)
    await who('t')
    t.equal(asked, 1)
    await clock.advance(1)
    answer = async () => undefined
    t.equal(await who('t'), 'refused')
    t.equal(await who('t'), 'refused')
    t.equal(asked, 2, 'a refusal is remembered alike')
    answer = () => Promise.reject(new Error('unreachable'))
    t.equal(await who('other'), 'refused')
    t.equal(await who('other'), 'refused')
    t.equal(asked, 4)
  },
)

t.test('177, 178: the question says what is asked for, with its selectors', async (t) => {
  const reviews: AccessReviewSpec[] = []
  const review = async (spec: AccessReviewSpec): Promise<AccessReviewStatus> => {
    reviews.push(spec)
    return { allowed: true, denied: false, reason: '' }
  }
  const ask = async (method: string, url: string): Promise<unknown> => {
    const authorize = delegated({ clock: new ManualClock(), review })
    const { pathname, searchParams } = new URL(url, 'https://server')
    await authorize({ name: 'ann', groups: [], extra: {} }, parseRequestInfo(method, pathname, searchParams))
    const { resourceAttributes, nonResourceAttributes } = reviews.splice(0)[0] ?? {}
    return resourceAttributes ?? nonResourceAttributes
  }
  const widgets = { namespace: 'a', group: 'example.com', version: 'v1', resource: 'widgets' }
  const table: readonly [string, string, object][] = [
    ['GET', `${path}/x`, { ...widgets, verb: 'get', name: 'x' }],
    ['GET', path, { ...widgets, verb: 'list' }],
    ['POST', path, { ...widgets, verb: 'create' }],
    ['PUT', `${path}/x/status`, { ...widgets, verb: 'update', name: 'x', subresource: 'status' }],
    ['PATCH', `${path}/x`, { ...widgets, verb: 'patch', name: 'x' }],
    ['DELETE', `${path}/x`, { ...widgets, verb: 'delete', name: 'x' }],
    ['GET', '/metrics', { path: '/metrics', verb: 'get' }],
    [
      'GET',
      `${path}?watch=1&fieldSelector=metadata.name%3Dx,spec.owner!%3Dann`,
      {
        ...widgets,
        verb: 'watch',
        name: 'x',
        fieldSelector: {
          requirements: [
            { key: 'metadata.name', operator: 'In', values: ['x'] },
            { key: 'spec.owner', operator: 'NotIn', values: ['ann'] },
          ],
        },
      },
    ],
    [
      'DELETE',
      `${path}?labelSelector=a,!b,c+in+(d,e),f!%3Dg,h>1`,
      {
        ...widgets,
        verb: 'deletecollection',
        labelSelector: {
          requirements: [
            { key: 'a', operator: 'Exists' },
            { key: 'b', operator: 'DoesNotExist' },
            { key: 'c', operator: 'In', values: ['d', 'e'] },
            { key: 'f', operator: 'NotIn', values: ['g'] },
          ],
        },
      },
    ],
    ['GET', `${path}?labelSelector=((`, { ...widgets, verb: 'list' }],
    ['POST', `${path}?labelSelector=a`, { ...widgets, verb: 'create' }],
  ]
  for (const [method, url, expected] of table) t.same(await ask(method, url), expected, `${method} ${url}`)
})

t.test(
  '179, 180, 182: masters are not asked for; no answer is 500; a refusal has the words of kube-apiserver',
  async (t) => {
    const scene = await open(t)
    const { server, frontProxy, reviews } = scene
    const proxy = server.client(await clientPair(frontProxy, 'front-proxy-client'))
    const asked = async (headers: Readonly<Record<string, string>>) => proxy.call('GET', `${path}/x`, { headers })
    t.equal((await asked({ 'x-remote-user': 'root', 'x-remote-group': 'system:masters' })).status, 200)
    t.same(reviews, [])
    scene.answer = () => {
      throw new Error('unreachable')
    }
    const unknown = await asked(ann)
    t.equal(unknown.status, 500)
    t.equal(unknown.json['reason'], 'InternalError')
    scene.answer = () => ({ allowed: false, denied: false, reason: 'nobody said so' })
    const refused = await asked(ann)
    t.equal(refused.status, 403, 'a failure is not remembered')
    const who = 'User "ann" cannot get resource "widgets" in API group "example.com" in the namespace "a"'
    t.equal(refused.json['message'], `widgets.example.com "x" is forbidden: ${who}: nobody said so`)
    scene.answer = () => ({ allowed: true, denied: true, reason: '' })
    t.equal((await asked({ ...ann, 'x-remote-user': 'bob' })).status, 403, 'allowed and denied is no right')
    t.equal((await asked(ann)).status, 403, 'remembered')
    const nobody = await server.client().get(`${path}/x`)
    t.equal(nobody.json['message'], 'Unauthorized')
    t.equal((await server.client().get('/readyz')).status, 200, '183: health is open to anybody')
    t.equal((await server.client().get('/metrics')).status, 401)
  },
)

t.test("who asks and whether they may is counted under the apiserver's names", async (t) => {
  const scene = await open(t)
  const known = scene.server.client(await clientPair(scene.clients, 'ann'))
  const answers: readonly (() => AccessReviewStatus)[] = [
    () => ({ allowed: true, denied: false, reason: '' }),
    () => ({ allowed: false, denied: true, reason: '' }),
    () => ({ allowed: false, denied: false, reason: '' }),
    () => {
      throw new Error('the cluster is away')
    },
  ]
  for (const [index, answer] of answers.entries()) {
    scene.answer = answer
    await known.get(`${path}/${index}`)
  }
  await scene.server.client().get(`${path}/x`)
  const counted = (name: string): readonly string[] =>
    seriesOf(scene.server.metrics.render(), name).map(({ labels, value }) => `${labels['result']} ${value}`)
  t.same(counted('authentication_attempts'), ['success 4', 'failure 1'])
  t.same(counted('authentication_duration_seconds'), ['success 4', 'failure 1'])
  t.same(counted('authorization_attempts_total'), ['allowed 1', 'denied 1', 'no-opinion 1', 'error 1'])
  t.same(counted('authorization_duration_seconds'), counted('authorization_attempts_total'))
  const name = 'apiserver_client_certificate_expiration_seconds'
  const left = seriesOf(scene.metrics.render(), `${name}_bucket`).map(({ labels, value }) => `${labels['le']} ${value}`)
  t.same(left.slice(0, 3), ['0 0', '1800 0', '3600 4'], 'an hour is left')
})

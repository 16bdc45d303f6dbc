import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { systemClock } from '../../base/clock.ts'
import { createOutbound } from '../../base/http.ts'
import { silentLogger } from '../../base/log.ts'
import { makePki } from '../../test/support/pki.ts'
import { canary, providerConformance } from '../conformance.ts'
import type { ConnectContext } from '../provider.ts'
import { createReferences } from '../references.ts'
import { kubernetes } from './provider.ts'
import { renewableToken } from '../token-source.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

providerConformance(t, {
  provider: kubernetes,
  spec: (url) => ({
    remoteNamespace: 'remote',
    server: { url: url.origin },
    auth: { token: { bearerToken: { name: 'credentials', key: 'token' } } },
  }),
  credentials: { token: `${canary}-token` },
  serve: (values) => (request, answer) => {
    const send = (status: number, body: object) =>
      answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.headers.authorization !== `Bearer ${canary}-token`) return void send(401, { kind: 'Status' })
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://peer')
    const objects = Object.entries(values).map(([name, texts]) => secret(name, texts))
    if (pathname.startsWith('/apis/authorization.k8s.io/v1/')) return void send(201, rules)
    if (pathname === '/api/v1/namespaces/remote/secrets') {
      const from = Number(searchParams.get('continue') ?? 0)
      const more = from + 2 < objects.length ? { continue: String(from + 2) } : {}
      return void send(200, {
        kind: 'SecretList',
        metadata: more,
        items: objects.slice(from, from + 2).map(({ kind: _, ...item }) => item),
      })
    }
    const object = objects.find(({ metadata }) => pathname === `/api/v1/namespaces/remote/secrets/${metadata.name}`)
    send(object === undefined ? 404 : 200, object ?? { kind: 'Status', message: 'not found' })
  },
  without: { 'missing-value': 'only extract calls it a missing secret; the next test shows it' },
})

const rules = { status: { resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }] } }

function secret(name: string, texts: Readonly<Record<string, string>>) {
  const data = Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, base64(value)]))
  return { kind: 'Secret', metadata: { name, labels: { app: name } }, data }
}

t.test('against an API server over TLS', async (t) => {
  const pki = await makePki()
  const seen: string[] = []
  let review: object = rules
  const listener: RequestListener = (request, answer) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim())
    const send = (status: number, body: object) => answer.writeHead(status).end(JSON.stringify(body))
    if (request.url?.includes('/selfsubjectrulesreviews')) send(201, review)
    else if (request.url?.includes('/selfsubjectaccessreviews')) send(201, { status: { allowed: false } })
    else if (request.headers.authorization === 'Bearer old') send(401, {})
    else if (request.url?.endsWith('/denied')) send(403, {})
    else if (request.url?.endsWith('/src')) send(200, secret('src', { user: 'admin' }))
    else if (request.url?.startsWith('/api/v1/namespaces/default/secrets?'))
      send(200, { metadata: {}, items: [secret('a/b', {})] })
    else send(404, {})
  }
  const server = createServer({ ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: false }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const outbound = createOutbound({
    allowedNetworks: ['127.0.0.0/8'],
    timeoutMs: 2000,
    responseBytesMax: 100_000,
    connectionsMax: 2,
    identitiesMax: 8,
  })
  t.teardown(async () => {
    await outbound[Symbol.asyncDispose]()
    server.close()
    server.closeAllConnections()
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const tokens = ['old', 'new']
  const context = (): ConnectContext => ({
    store: { kind: 'SecretStore', name: 'store', namespace: 'apps' },
    references: createReferences({
      store: { kind: 'SecretStore', namespace: 'apps' },
      readSecret: async ({ name }) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, uid: 'u', resourceVersion: '1' },
        data: {
          cert: base64(pki.client.cert),
          key: base64(pki.client.key),
          token: base64('fixed'),
          kubeconfig: base64(kubeconfig),
          evil: base64(kubeconfig.replace('token: fixed', 'exec: {command: id}')),
        },
      }),
      readConfigMap: async ({ name }) =>
        name === 'ca'
          ? { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { 'ca.crt': pki.ca } }
          : { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} },
      requestToken: async () => tokens.shift() ?? 'none',
    }),
    outbound,
    clock: systemClock,
    log: silentLogger,
    signal: signal(),
  })
  const kubeconfig = [
    'current-context: c',
    `clusters: [{name: k, cluster: {server: "${url}", certificate-authority-data: ${base64(pki.ca)}}}]`,
    'contexts: [{name: c, context: {cluster: k, user: u}}]',
    'users: [{name: u, user: {token: fixed}}]',
  ].join('\n')
  const server1 = { url, caBundle: base64(pki.ca) }
  const token = { token: { bearerToken: { name: 's', key: 'token' } } }
  const connect = (spec: Parameters<typeof kubernetes.connect>[0]) => kubernetes.connect(spec, context())
  const read = (key: string) => ({ key, metadataPolicy: 'None' }) as const

  t.test('with a client certificate and the CA of a ConfigMap', async (t) => {
    const cert = { cert: { clientCert: { name: 's', key: 'cert' }, clientKey: { name: 's', key: 'key' } } }
    const caProvider = { type: 'ConfigMap', name: 'ca', key: 'ca.crt' } as const
    const client = await connect({ server: { url, caProvider }, auth: cert })
    t.equal(Buffer.from((await client.read(read('src'), signal())).value('user')).toString(), 'admin')
    const missing = connect({ server: { url, caProvider: { ...caProvider, name: 'nothing' } }, auth: cert })
    await t.rejects(missing, {
      message:
        'failed to prepare auth: failed to get cert from configmap: ' +
        'failed to get caProvider configMap nothing -> ca.crt',
    })
  })

  t.test('with a kubeconfig, but never with one that runs a program', async (t) => {
    const client = await connect({ authRef: { name: 's', key: 'kubeconfig' } })
    await client.read(read('src'), signal())
    t.match(seen.at(-1), /Bearer fixed$/)
    await t.rejects(connect({ authRef: { name: 's', key: 'evil' } }), {
      message: /exec is not taken from a kubeconfig/,
    })
  })

  t.test('an address with a password in it is refused, and not repeated', async (t) => {
    for (const at of ['https://user:canary-pw@127.0.0.1', 'https://127.0.0.1/?x=canary-pw', '127.0.0.1#canary-pw']) {
      const refused = connect({ server: { url: at }, auth: token })
      await t.rejects(refused, { code: 'invalid-ref', message: /is not the address of an API server$/ }, at)
    }
  })

  t.test('an unknown authority is refused', async (t) => {
    const client = await connect({ server: { url }, auth: token })
    await t.rejects(client.check(signal()), { code: 'unavailable', message: /signed by unknown authority/ })
    await t.rejects(connect({ server: { url, caBundle: base64('no pem') }, auth: token }), {
      message: /there is no PEM certificate/,
    })
  })

  t.test('names that no Secret can have are absent and never sent', async (t) => {
    const client = await connect({ server: server1, auth: token })
    const before = seen.length
    for (const key of ['', '..', '../configmaps/x', 'a/b', 'A', '.', 'a%2fb', 'x?watch=1']) {
      const absent = await client.read(read(key), signal())
      t.throws(() => absent.value(undefined), { code: 'invalid-ref', message: `secrets "${key}" not found` })
      t.throws(() => absent.entries(undefined), { code: 'secret-missing' })
    }
    t.equal(seen.length, before)
  })

  t.test('tags are a label selector, and names are converted', async (t) => {
    const client = await connect({ server: server1, auth: token })
    const found = await client.find?.({ tags: { b: '2', a: '1' }, name: { regexp: 'zzz' } }, signal())
    t.same(
      [...(found ?? [])].map(([key, value]) => [key, Buffer.from(value).toString()]),
      [['a_b', '{}']],
    )
    t.match(seen.at(-1), 'labelSelector=a%3D1%2Cb%3D2')
    await t.rejects(async () => client.find?.({ path: 'x' }, signal()), { code: 'unsupported' })
  })

  t.test('rights are checked before the first read', async (t) => {
    const client = await connect({ server: server1, auth: token })
    review = { status: { resourceRules: [{ verbs: ['list'], apiGroups: [''], resources: ['secrets'] }] } }
    await t.rejects(client.check(signal()), { code: 'denied', message: 'client is not allowed to get secrets' })
    review = { status: { resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] } }
    t.equal(await client.check(signal()), 'ready')
    await t.rejects(client.read(read('denied'), signal()), { code: 'denied', message: 'secrets "denied" is forbidden' })
  })

  t.test('a token that is refused young is not exchanged', async (t) => {
    const client = await connect({ server: server1, auth: { serviceAccount: { name: 'reader' } } })
    await t.rejects(client.read(read('src'), signal()), { code: 'auth-failed', message: 'Unauthorized' })
    t.match(seen.at(-1), /Bearer old$/)
  })
})

t.test('a requested token is exchanged with time, and after a refusal once a minute', async (t) => {
  let now = 0
  let asked = 0
  const clock = { ...systemClock, monotonic: () => now }
  const source = await renewableToken(async () => ({ token: `token-${++asked}`, lifeMs: 3_600_000 }), clock)
  t.equal(await source.current(), 'token-1')
  t.equal(await source.renew(), false)
  now = 61_000
  t.equal(await source.renew(), true)
  t.equal(await source.current(), 'token-2')
  now += 59 * 60_000
  t.equal(await source.current(), 'token-3')
})

t.test('what a spec may not say', async (t) => {
  const fields = (spec: Parameters<typeof kubernetes.spec.validate>[0], kind: 'SecretStore' | 'ClusterSecretStore') =>
    kubernetes.spec
      .validate(spec, { kind, ...(kind === 'SecretStore' && { namespace: 'apps' }) })
      .map(({ field, message }) => [field, message])
  const caProvider = { type: 'Secret', name: 'ca' } as const
  t.same(
    fields({ server: { caProvider: { ...caProvider, namespace: 'x' } } }, 'SecretStore')[0]?.[0],
    'server.caProvider.namespace',
  )
  t.same(fields({ server: { caProvider } }, 'ClusterSecretStore')[0]?.[0], 'server.caProvider.namespace')
  t.same(fields({ auth: { token: { bearerToken: { name: 'a', key: 'b' } } } }, 'ClusterSecretStore'), [
    ['auth.token.bearerToken.namespace', 'Required value: cluster scope requires namespace'],
  ])
  t.same(fields({ auth: { serviceAccount: { name: 'a', namespace: 'b' } } }, 'SecretStore'), [
    [
      'auth.serviceAccount.namespace',
      'Invalid value: "b": namespace should either be empty or match the namespace of the SecretStore ' +
        'for a namespaced SecretStore',
    ],
  ])
  t.same(fields({ auth: { serviceAccount: { name: 'a' } } }, 'ClusterSecretStore'), [])
  t.same(kubernetes.spec.warnings?.({}, { kind: 'SecretStore' }), [
    'No caBundle or caProvider specified; TLS connections will use system certificate roots.',
  ])
})

function signal(): AbortSignal {
  return AbortSignal.timeout(5000)
}

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { systemClock } from '../../base/clock.ts'
import { createOutbound } from '../../base/http.ts'
import { silentLogger } from '../../base/log.ts'
import { canary, providerConformance } from '../conformance.ts'
import type { ConnectContext, StoreScope } from '../provider.ts'
import { createReferences } from '../references.ts'
import { valueAt } from './json-path.ts'
import { webhook } from './provider.ts'
import type { WebhookSpec } from './spec.ts'

const byProperty = '$.value{{ if .remoteRef.property }}.{{ .remoteRef.property }}{{ end }}'

providerConformance(t, {
  provider: webhook,
  spec: (url): WebhookSpec => ({ url: `${url.origin}/{{ .remoteRef.key }}`, result: { jsonPath: byProperty } }),
  credentials: {},
  serve: (values) => (request, answer) => {
    const value = values[decodeURIComponent((request.url ?? '/').slice(1))]
    answer.writeHead(value === undefined ? 404 : 200).end(JSON.stringify({ value: value ?? canary }))
  },
  without: { credentials: 'Secrets carry a label here: see the tests below' },
})

t.test('what a call is made of', async (t) => {
  const { connect, seen } = await peer(t, { secrets: { hook: { tok: 'abc' }, plain: { tok: 'x' } } })
  const secrets = [{ name: 'auth', secretRef: { name: 'hook' } }]

  t.test('the key is escaped in the URL alone, and every part is a template', async (t) => {
    const client = await connect({
      path: '/{{ .remoteRef.key }}?v={{ .remoteRef.version }}',
      method: 'post',
      headers: { Authorization: 'Bearer {{ .auth.tok }}', 'X-From': '{{ .remoteRef.namespace }}' },
      body: '{"k":"{{ .remoteRef.key }}"}',
      secrets,
    })
    await client.read({ key: "a/b c'&", version: '1', metadataPolicy: 'None' }, signal())
    t.match(seen.at(-1), {
      method: 'POST',
      url: '/a%2Fb+c%27%26?v=1',
      headers: { authorization: 'Bearer abc', 'x-from': 'apps' },
      body: '{"k":"a/b c\'&"}',
    })
  })

  t.test('a client asks by property where a template may see it', async (t) => {
    t.equal((await connect({ path: '/{{ .remoteRef.property }}' })).asksByProperty, true)
    t.equal((await connect({ body: '{{ .remoteRef | toString }}' })).asksByProperty, true)
    t.equal((await connect({ path: '/{{ .remoteRef.key }}', result: { jsonPath: byProperty } })).asksByProperty, false)
  })

  t.test('what is missing is an error before anything is sent', async (t) => {
    const before = seen.length
    const failing: readonly (readonly [Partial<WebhookSpec>, RegExp])[] = [
      [{ secrets, body: '{{ .auth.nope }}' }, /^failed to parse body: template: webhooktemplate:1:/],
      [
        { secrets: [{ name: 'auth', secretRef: { name: 'gone' } }] },
        /^failed to get webhook secret gone: secrets "gone" not found$/,
      ],
      [
        { secrets: [{ name: 'auth', secretRef: { name: 'plain' } }] },
        /needed label 'external-secrets.io\/type: webhook'/,
      ],
      [{ url: 'nowhere' }, /^failed to parse url: /],
      [{ headers: { a: '{{ "x\\ny" }}' } }, /^failed to parse header a: /],
      [{ headers: { a: '{{ genPrivateKey "rsa" }}' } }, /genPrivateKey takes too long for a call$/],
    ]
    for (const [spec, message] of failing) {
      const client = await connect(spec)
      t.equal(await client.check(signal()), 'ready')
      await t.rejects(client.read({ key: 'k', metadataPolicy: 'None' }, signal()), { name: 'ProviderError', message })
    }
    t.equal(seen.length, before)
  })
})

t.test('a call ends in time, and errors say the status alone', async (t) => {
  const silent = await peer(t, { listener: () => undefined })
  const waiting = await silent.connect({ timeout: '30ms' })
  await t.rejects(waiting.read({ key: 'k', metadataPolicy: 'None' }, signal()), {
    code: 'unavailable',
    message: /^failed to call endpoint: 127\.0\.0\.1:\d+: no answer in time$/,
  })
  const table: readonly (readonly [number, string, string])[] = [
    [401, 'auth-failed', 'endpoint gave error 401 Unauthorized'],
    [403, 'denied', 'endpoint gave error 403 Forbidden'],
    [429, 'throttled', 'endpoint gave error 429 Too Many Requests'],
    [500, 'unavailable', 'endpoint gave error 500 Internal Server Error'],
    [304, 'unavailable', 'not modified'],
    [404, 'secret-missing', 'Secret does not exist'],
  ]
  for (const [status, code, message] of table) {
    const { connect } = await peer(t, { listener: (_, answer) => answer.writeHead(status).end() })
    const client = await connect({})
    await t.rejects(client.read({ key: 'k', metadataPolicy: 'None' }, signal()), { code, message })
  }
})

t.test('what of an answer counts', async (t) => {
  const body = JSON.stringify({
    f: 1.5,
    g: 2.5,
    n: -3.5,
    list: ['x'],
    none: [],
    o: { b: '<', a: 1 },
    json: '{"in":"side"}',
  })
  const { connect } = await peer(t, { listener: (_, answer) => answer.end(body) })
  const at = async (jsonPath: string) => {
    const client = await connect({ result: { jsonPath } })
    return client.read({ key: 'k', metadataPolicy: 'None' }, signal())
  }
  const text = async (path: string) => Buffer.from((await at(path)).value(undefined)).toString()
  const texts = { '': body, '$.f': '2', '$.g': '2', '$.n': '-4', '$.list': 'x', '$.o': '{"a":1,"b":"\\u003c"}' }
  for (const [path, expected] of Object.entries(texts)) t.equal(await text(path), expected, path)
  await t.rejects(text('$.none'), { message: "filter worked but didn't get any result" })
  await t.rejects(text('$.nope'), { message: 'failed to get response path $.nope: there is nothing at this path' })
  t.equal(Buffer.from((await at('$.json')).entries(undefined).get('in') ?? []).toString(), 'side')
  const list = await at('$.list')
  t.throws(() => list.entries(undefined), { message: 'the value is not a JSON object' })
})

t.test('JSONPath', async (t) => {
  const document = {
    store: {
      book: [
        { title: 'A', price: 8, tags: ['x'] },
        { title: 'B', price: 12 },
        { title: "C'd", price: 9, isbn: '1' },
      ],
      'odd.key': { price: 1 },
    },
  }
  const table: readonly (readonly [string, unknown])[] = [
    ['$.store.book[0].title', 'A'],
    ['$.store.book[-1].title', "C'd"],
    ["$['store']['odd.key'].price", 1],
    ['$.store.book[*].title', ['A', 'B', "C'd"]],
    ['$.store.book[0,2].price', [8, 9]],
    ['$.store.book[1:].price', [12, 9]],
    ['$.store.book[:2].price', [8, 12]],
    ['$..price', [8, 12, 9, 1]],
    ['$..book[?(@.isbn)].title', ["C'd"]],
    ['$.store.book[?(@.price < 10 && @.title != "A")].price', [9]],
    ["$.store.book[?(@.title == 'C\\'d' || @.price == 12)].title", ['B', "C'd"]],
    ['$.store.book[?(!@.isbn)].title', ['A', 'B']],
    ['$.store.book[?(@.title =~ "^[AB]$")].price', [8, 12]],
    ['$.store.book[?(@.tags[0] == "x")].title', ['A']],
    ['$.store.book[?(@.price == 99)]', []],
  ]
  for (const [path, expected] of table) t.same(valueAt(document, path), expected, path)
  for (const path of [
    '',
    'store',
    '$[',
    '$.store.book[',
    '$.',
    '$x',
    '$[?(@.a ==)]',
    '$.store.book[1',
    `$.${'a'.repeat(2000)}`,
  ]) {
    t.throws(() => valueAt(document, path), { name: 'ProviderError' }, path.slice(0, 20))
  }
})

t.test('what a spec may not say', async (t) => {
  const problems = (spec: Partial<WebhookSpec>, store: StoreScope) =>
    webhook.spec.validate({ url: 'http://x', ...spec }, store).map(({ field, message }) => `${field}: ${message}`)
  const own: StoreScope = { kind: 'SecretStore', namespace: 'apps' }
  const secrets = [{ name: 'a', secretRef: { name: 's' } }]
  t.same(problems({ method: 'patch', timeout: '10s', secrets }, own), [])
  t.match(problems({ method: 'TRACE', timeout: 'soon' }, own), [/^method: Invalid/, /^timeout: Invalid/])
  t.match(problems({ secrets }, { kind: 'ClusterSecretStore' }), [/^secrets\[0\]\.secretRef\.namespace: Required/])
  t.match(problems({ secrets: [{ name: 'a', secretRef: { name: 's', namespace: 'b' } }] }, own), [/namespace: Invalid/])
  const ntlm = { usernameSecret: {}, passwordSecret: {} }
  t.match(problems({ auth: { ntlm } }, own), ['auth.ntlm: Forbidden: this way to log in is not served yet'])
})

interface PeerOptions {
  readonly listener?: RequestListener
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

async function peer(t: Test, { listener, secrets = {} }: PeerOptions) {
  const seen: Seen[] = []
  const recording: RequestListener = (request, answer) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body })
      answer.end('{}')
    })
  }
  const server = createServer(listener ?? recording)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const limits = { timeoutMs: 5000, responseBytesMax: 100_000, connectionsMax: 4, identitiesMax: 8 }
  const outbound = createOutbound({ ...limits, allowedNetworks: ['127.0.0.0/8'] })
  t.teardown(async () => {
    await outbound[Symbol.asyncDispose]()
    server.close()
    server.closeAllConnections()
  })
  const context: ConnectContext = {
    store: { kind: 'SecretStore', name: 'store', namespace: 'apps' },
    references: createReferences({
      store: { kind: 'SecretStore', namespace: 'apps' },
      readSecret: async ({ name }) => secretObject(name, secrets[name]),
      readConfigMap: async () => undefined,
    }),
    outbound,
    clock: systemClock,
    log: silentLogger,
    signal: signal(),
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const connect = ({ path = '/', ...spec }: Partial<WebhookSpec> & { readonly path?: string }) =>
    webhook.connect({ url: url + path, ...spec }, context)
  return { connect, seen }
}

function secretObject(name: string, texts: Readonly<Record<string, string>> | undefined) {
  if (texts === undefined) return undefined
  const data = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  )
  const labels = name === 'hook' ? { 'external-secrets.io/type': 'webhook' } : {}
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels }, data }
}

function signal(): AbortSignal {
  return AbortSignal.timeout(5000)
}

import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { env } from 'node:process'
import t, { type Test } from 'tap'
import { systemClock, type Clock } from '../../base/clock.ts'
import { createOutbound } from '../../base/http.ts'
import { silentLogger } from '../../base/log.ts'
import { fakeVault } from '../../test/support/fake-vault.ts'
import { makePki } from '../../test/support/pki.ts'
import { canary, providerConformance, type RemoteValues } from '../conformance.ts'
import type { ConnectContext, RemoteKey } from '../provider.ts'
import { createReferences } from '../references.ts'
import { dataPath, metadataPath } from './paths.ts'
import { vault } from './provider.ts'
import type { VaultSpec } from './spec.ts'

const token = { tokenSecretRef: { name: 'credentials', key: 'token' } }

t.test('with a token', async (t) => {
  providerConformance(t, {
    provider: vault,
    spec: (url): VaultSpec => ({ server: url.origin, path: 'secret', version: 'v2', auth: token }),
    credentials: { token: `${canary}-token` },
    serve: fakeVault,
  })
})

const logins: Readonly<Record<string, VaultSpec['auth']>> = {
  AppRole: { appRole: { path: 'approle', roleId: 'role', secretRef: { name: 'credentials', key: 'id' } } },
  'a user name and a password': {
    userPass: { path: 'userpass', username: 'me', secretRef: { name: 'credentials', key: 'id' } },
  },
  'an LDAP user': { ldap: { path: 'ldap', username: 'me', secretRef: { name: 'credentials', key: 'id' } } },
  'a JSON Web Token': { jwt: { path: 'jwt', role: 'r', secretRef: { name: 'credentials', key: 'id' } } },
}

for (const [method, auth] of Object.entries(logins)) {
  t.test(`with ${method}, KV version 1`, async (t) => {
    providerConformance(t, {
      provider: vault,
      spec: (url): VaultSpec => ({
        server: `${url.origin}/`,
        path: 'kv1',
        version: 'v1',
        ...(auth !== undefined && { auth }),
      }),
      credentials: { id: `${canary}-id` },
      serve: fakeVault,
    })
  })
}

t.test('a token of a ServiceAccount logs in as a JSON Web Token, for Vault alone unless it says whom', async (t) => {
  const { connect, seen, asked } = await peer(t, {})
  const serviceAccountRef = { name: 'sa' }
  for (const audiences of [undefined, ['them']]) {
    const kubernetesServiceAccountToken = {
      serviceAccountRef,
      ...(audiences && { audiences, expirationSeconds: 900 }),
    }
    await using client = await connect({ auth: { jwt: { path: 'theirs', kubernetesServiceAccountToken } } })
    t.equal(await client.check(signal()), 'ready')
  }
  t.equal(seen[0], 'POST /v1/auth/theirs/login')
  t.same(asked, [
    { audiences: ['vault'], expirationSeconds: 600 },
    { audiences: ['them'], expirationSeconds: 900 },
  ])
})

t.test('a token of a ServiceAccount logs in', async (t) => {
  const { connect, seen } = await peer(t, {})
  const client = await connect({
    auth: { kubernetes: { mountPath: 'kubernetes', role: 'r', serviceAccountRef: { name: 'sa' } } },
  })
  t.equal(await client.check(signal()), 'ready')
  await client[Symbol.asyncDispose]()
  t.same(seen, ['POST /v1/auth/kubernetes/login', 'GET /v1/auth/token/lookup-self', 'POST /v1/auth/token/revoke-self'])
})

t.test("the process's own ServiceAccount logs in with the token that a flag names", async (t) => {
  const auth = { kubernetes: { mountPath: 'kubernetes', role: 'r' } }
  const { connect, seen } = await peer(t, {}, { ambientToken: `${canary}-own\n` })
  await using client = await connect({ auth })
  t.equal(await client.check(signal()), 'ready')
  t.equal(seen[0], 'POST /v1/auth/kubernetes/login')
  const { connect: stranger } = await peer(t, {})
  await t.rejects(stranger({ auth }), { code: 'denied', message: /--ambient-credentials=all would allow it/ })
})

t.test('paths', async (t) => {
  const at = (path: string | undefined, version: 'v1' | 'v2'): VaultSpec => ({
    server: 'x',
    version,
    ...(path !== undefined && { path }),
  })
  const table: readonly (readonly [string | undefined, 'v1' | 'v2', string, string, string?])[] = [
    ['secret', 'v2', 'foo', 'secret/data/foo', 'secret/metadata/foo'],
    ['secret/path', 'v2', 'secret/path/foo', 'secret/path/data/foo', 'secret/path/metadata/foo'],
    ['secret', 'v2', 'secret/data/foo', 'secret/data/foo', 'secret/metadata/foo'],
    ['secret', 'v2', 'data/foo', 'secret/data/data/foo', 'secret/metadata/data/foo'],
    ['kv1', 'v1', 'foo', 'kv1/foo', 'kv1/foo'],
    ['kv1', 'v1', 'kv1/data/foo', 'kv1/data/foo', 'kv1/data/foo'],
    [undefined, 'v2', 'secret/path/foo', 'secret/data/path/foo'],
    [undefined, 'v2', 'secret/path/data/foo', 'secret/path/data/foo', 'secret/path/metadata/foo'],
    [undefined, 'v1', 'secret/path/foo', 'secret/path/foo'],
    [
      'secret',
      'v2',
      '/a//b c?x=1#%2e',
      'secret/data/a/b%20c%3Fx%3D1%23%252e',
      'secret/metadata/a/b%20c%3Fx%3D1%23%252e',
    ],
  ]
  for (const [mount, version, key, data, metadata] of table) {
    t.equal(dataPath(at(mount, version), key), data, key)
    if (metadata !== undefined) t.equal(metadataPath(at(mount, version), key), metadata, key)
  }
  for (const key of ['../sys/raw', 'a/../../b', 'a/./b', '..']) {
    t.throws(() => dataPath(at('secret', 'v2'), key), { code: 'invalid-ref' })
  }
  t.throws(() => metadataPath(at(undefined, 'v2'), 'foo'), { message: "provided Path isn't a valid kv v2 path" })
})

t.test('secrets', async (t) => {
  const { connect, seen } = await peer(t, { 'app/db': { a: '1' }, 'app/deep/x': { b: '2' }, other: { c: '3' } })
  const client = await connect({ auth: token })
  const text = async (key: RemoteKey, property?: string) =>
    Buffer.from((await client.read(key, signal())).value(property)).toString()
  const ref = (key: string, more: Partial<RemoteKey> = {}): RemoteKey => ({ key, metadataPolicy: 'None', ...more })

  t.test('versions are asked for, and a deleted one is a missing secret', async (t) => {
    t.equal(await text(ref('app/db', { version: '2' }), 'a'), '1')
    t.equal(seen.at(-1), 'GET /v1/secret/data/app/db?version=2')
    await t.rejects(text(ref('app/db', { version: '1' })), { code: 'secret-missing', message: 'Secret does not exist' })
    await t.rejects(text(ref('')), { code: 'invalid-ref' })
  })

  t.test('metadata is texts, custom ones before those of the system', async (t) => {
    const fetch = ref('app/db', { metadataPolicy: 'Fetch' })
    const whole =
      '{"created_time":"2026-01-01T00:00:00Z","current_version":"2","delete_version_after":"0s",' +
      '"env":"prod","key":"app/db"}'
    t.equal(await text(fetch), whole)
    t.equal(await text(fetch, 'current_version'), '2')
    await t.rejects(text(fetch, 'nope'), { message: 'cannot find secret data for key: "nope"' })
    await t.rejects(text({ ...fetch, key: 'nowhere' }), { code: 'invalid-ref', message: 'secret not found' })
    const old = await connect({ path: 'kv1', version: 'v1', auth: token })
    await t.rejects(old.read(fetch, signal()), {
      message: 'cannot perform metadata fetch operations with kv version v1',
    })
  })

  t.test('find goes down every folder; names beat tags; a missing folder is a missing secret', async (t) => {
    const find = async (query: object) => [...((await client.find?.(query, signal())) ?? [])].map(([key]) => key).sort()
    t.same(await find({}), ['app/db', 'app/deep/x', 'other'])
    t.same(await find({ path: 'app' }), ['app/db', 'app/deep/x'])
    t.same(await find({ path: 'app', name: { regexp: 'x$' }, tags: { env: 'none' } }), ['app/deep/x'])
    t.same(await find({ tags: { env: 'prod', key: 'other' } }), ['other'])
    await t.rejects(find({ path: 'nowhere' }), { code: 'secret-missing' })
    const old = await connect({ path: 'kv1', version: 'v1', auth: token })
    await t.rejects(async () => old.find?.({ tags: {} }, signal()), {
      message: 'cannot perform find by tag operations with kv version v1',
    })
  })

  t.test('refusals say what was asked, not what the server said', async (t) => {
    const refused = await connect({ auth: { tokenSecretRef: { name: 'wrong', key: 'token' } } })
    const place =
      /^cannot read secret data from Vault: Get "http:.*\d\/v1\/secret\/data\/app\/db": 403 permission denied$/
    await t.rejects(refused.read(ref('app/db'), signal()), { code: 'denied', message: place })
    await t.rejects(refused.check(signal()), {
      code: 'auth-failed',
      message: /^invalid vault credentials: Get .*lookup-self": 403 permission denied$/,
    })
    const unsendable = await connect({ auth: { tokenSecretRef: { name: 'newline', key: 'token' } } })
    const text =
      'invalid vault credentials: configured Vault token contains non-printable characters and cannot be used'
    await t.rejects(unsendable.check(signal()), { code: 'auth-failed', message: text })
  })

  t.test('namespaces and headers are sent; the environment is not', async (t) => {
    env.VAULT_TOKEN = `${canary}-token`
    t.teardown(() => delete env.VAULT_TOKEN)
    const headers: IncomingMessage['headers'][] = []
    const listener: RequestListener = (request, answer) => {
      headers.push(request.headers)
      answer.end(JSON.stringify({ auth: { client_token: 'issued' }, data: { data: {} } }))
    }
    const own = await peer(t, {}, { listener })
    const anonymous = await own.connect({
      namespace: 'team',
      headers: { 'x-own': 'yes' },
      readYourWrites: true,
      forwardInconsistent: true,
    })
    await anonymous.read(ref('x'), signal())
    t.match(headers[0], { 'x-vault-namespace': 'team', 'x-own': 'yes', 'x-vault-inconsistent': 'forward-active-node' })
    t.notOk(headers[0]?.['x-vault-token'])
    const userPass = { path: 'userpass', username: 'me', secretRef: { name: 'credentials', key: 'token' } }
    const elsewhere = await own.connect({ namespace: 'team', auth: { namespace: 'login', userPass } })
    await elsewhere.read(ref('x'), signal())
    t.match([headers[1]?.['x-vault-namespace'], headers[2]?.['x-vault-namespace']], ['login', 'team'])
    t.equal(headers[2]?.['x-vault-token'], 'issued')
  })
})

t.test('the page of a proxy is no answer of Vault: nothing looks gone because of it', async (t) => {
  const listener: RequestListener = (request, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end(`<html>${canary} ${request.url ?? ''}</html>`)
  }
  const { connect } = await peer(t, {}, { listener })
  const client = await connect({ auth: { tokenSecretRef: { name: 's', key: 'token' } } })
  const read = client.read({ key: 'a', metadataPolicy: 'None' }, signal())
  await t.rejects(read, { code: 'unavailable', message: /404 from something that is not Vault$/ })
  await t.rejects(async () => client.find?.({ name: { regexp: '.*' } }, signal()), { code: 'unavailable' })
  await t.rejects(connect({ server: 'https://user:pw@127.0.0.1', auth: {} }), { code: 'invalid-ref' })
})

t.test('a token is exchanged before it ends, and once after it was revoked', async (t) => {
  let now = 0
  let revoked = false
  let logins = 0
  const clock: Clock = { ...systemClock, monotonic: () => now }
  const listener: RequestListener = (request, answer) => {
    if (request.url?.includes('/login')) {
      revoked = false
      return void answer.end(JSON.stringify({ auth: { client_token: `t${++logins}`, lease_duration: 600 } }))
    }
    if (revoked) return void answer.writeHead(403).end('{}')
    answer.end(JSON.stringify({ data: { data: { token: request.headers['x-vault-token'] } } }))
  }
  const { connect } = await peer(t, {}, { listener, clock })
  const client = await connect({
    auth: { userPass: { path: 'userpass', username: 'me', secretRef: { name: 'credentials', key: 'token' } } },
  })
  const shown = async () => {
    const secret = await client.read({ key: 'x', metadataPolicy: 'None' }, signal())
    return Buffer.from(secret.value('token')).toString()
  }
  t.equal(await shown(), 't1')
  now = 530_000
  t.equal(await shown(), 't1')
  now = 545_000
  t.same(await Promise.all([shown(), shown(), shown()]), ['t2', 't2', 't2'], 'whoever waits shares one login')
  revoked = true
  await t.rejects(shown(), { code: 'denied' })
  now += 61_000
  t.equal(await shown(), 't3')
})

t.test('TLS with its own CA and a client certificate', async (t) => {
  const pki = await makePki()
  const server = createTlsServer(
    { ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: true },
    fakeVault({ x: { a: '1' } }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const { connect } = await peer(
    t,
    {},
    { texts: { 'tls.crt': pki.client.cert, 'tls.key': pki.client.key, 'ca.crt': pki.ca } },
  )
  const spec = { server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, auth: token }
  const caBundle = Buffer.from(pki.ca).toString('base64')
  const tls = { certSecretRef: { name: 'pair' }, keySecretRef: { name: 'pair' } }
  const caProvider = { type: 'Secret', name: 'ca', key: 'ca.crt' } as const
  for (const trust of [{ caBundle }, { caBundle: Buffer.from(caBundle).toString('base64') }, { caProvider }]) {
    await using client = await connect({ ...spec, ...trust, tls })
    t.equal(await client.check(signal()), 'ready')
  }
  const other = { name: 'pair', key: 'nothing' }
  const cert = { clientCert: { name: 'pair', key: 'tls.crt' }, secretRef: { name: 'pair', key: 'tls.key' } }
  const wrongTls = { certSecretRef: other, keySecretRef: other }
  await using certain = await connect({
    ...spec,
    caBundle,
    auth: { cert: { ...cert, vaultRole: canary } },
    tls: wrongTls,
  })
  t.equal(await certain.check(signal()), 'ready', 'the certificate that logs in is the one that connections show')
  await t.rejects(connect({ ...spec, caBundle, auth: { cert: {} } }), { code: 'auth-failed' })
  await using stranger = await connect({ ...spec, tls })
  await t.rejects(stranger.check(signal()), { code: 'unavailable', message: /signed by unknown authority/ })
  await using nobody = await connect({ ...spec, caBundle })
  await t.rejects(nobody.check(signal()), { code: 'unavailable' })
})

t.test('what a spec may not say', async (t) => {
  const fields = (spec: Omit<VaultSpec, 'server'>) =>
    vault.spec
      .validate({ server: 'https://v', ...spec }, { kind: 'SecretStore', namespace: 'apps' })
      .map(({ field, message }) => `${field}: ${message}`)
  t.same(fields({}), [])
  t.same(fields({ auth: { gcp: { role: 'r' } } }), [
    'auth.gcp: Forbidden: this way to log in is not served yet; ' +
      'served are tokenSecretRef, appRole, kubernetes, ldap, userPass, jwt, cert, iam',
  ])
  const elsewhere = { name: 'a', namespace: 'b' }
  t.match(fields({ auth: { cert: { clientCert: elsewhere, secretRef: elsewhere } } }), [
    /^auth.cert.clientCert.namespace: Invalid/,
    /^auth.cert.secretRef.namespace: Invalid/,
  ])
  t.same(fields({ auth: { iam: { vaultRole: 'r' } } }), [])
  t.match(fields({ auth: { iam: { vaultRole: 'r', region: 'eu/../x', jwt: {} } } }), [
    'auth.iam.region: Invalid value: "eu/../x": must be an AWS region',
    'auth.iam.jwt.serviceAccountRef: Required value',
  ])
  t.match(fields({ auth: { jwt: { path: 'jwt' } } }), ['auth.jwt.secretRef: Required value'])
  t.match(fields({ auth: { appRole: { path: 'a', secretRef: {} } } }), ['auth.appRole.roleId: Required value'])
  t.match(fields({ tls: { certSecretRef: {} } }), ['tls.keySecretRef: Required value'])
  t.match(fields({ version: 'v1', checkAndSet: { required: true } }), ['checkAndSet.required: Invalid value: true'])
  t.match(fields({ auth: { tokenSecretRef: { name: 'a', namespace: 'b' } } }), [
    /^auth.tokenSecretRef.namespace: Invalid value: "b": namespace should/,
  ])
  t.same(fields({ auth: { kubernetes: { mountPath: 'k', role: 'r' } } }), [])
})

interface PeerOptions {
  readonly listener?: RequestListener
  readonly clock?: Clock
  readonly texts?: Readonly<Record<string, string>>
  readonly ambientToken?: string
}

async function peer(t: Test, values: RemoteValues, options: PeerOptions = {}) {
  const { listener, clock = systemClock, texts = {}, ambientToken: token } = options
  const seen: string[] = []
  const asked: object[] = []
  const server = createServer(listener ?? fakeVault(values, seen))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const limits = { timeoutMs: 2000, responseBytesMax: 100_000, connectionsMax: 4, identitiesMax: 8 }
  const outbound = createOutbound({ ...limits, allowedNetworks: ['127.0.0.0/8'] })
  t.teardown(async () => {
    await outbound[Symbol.asyncDispose]()
    server.close()
    server.closeAllConnections()
  })
  const data = Object.entries({ token: `${canary}-token`, ...texts }).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64'),
  ])
  const variants: Readonly<Record<string, string>> = { wrong: 'nonsense', newline: 'root\n' }
  const context: ConnectContext = {
    store: { kind: 'SecretStore', name: 'store', namespace: 'apps' },
    references: createReferences({
      store: { kind: 'SecretStore', namespace: 'apps' },
      readSecret: async ({ name }) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name },
        data: {
          ...Object.fromEntries(data),
          ...(name in variants && { token: Buffer.from(variants[name] ?? '').toString('base64') }),
        },
      }),
      readConfigMap: async () => undefined,
      requestToken: async ({ audiences, expirationSeconds }) => {
        asked.push({ audiences, expirationSeconds })
        return `${canary}-jwt`
      },
      ...(token !== undefined && {
        ambient: {
          allowedTo: 'all',
          variable: () => undefined,
          readFile: async (path) => (path === '/token' ? token : ''),
          tokenFile: '/token',
        },
      }),
    }),
    outbound,
    clock,
    log: silentLogger,
    signal: signal(),
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const connect = (spec: Partial<VaultSpec>) => vault.connect({ server: url, path: 'secret', ...spec }, context)
  return { connect, seen, asked }
}

function signal(): AbortSignal {
  return AbortSignal.timeout(5000)
}

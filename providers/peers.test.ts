import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { systemClock } from '../base/clock.ts'
import { createOutbound } from '../base/http.ts'
import { silentLogger } from '../base/log.ts'
import { makePki } from '../test/support/pki.ts'
import { startMoto } from '../test/support/moto.ts'
import { type OpenBao, startOpenBaoWithTls } from '../test/support/openbao.ts'
import { skipWithout } from '../test/support/peers.ts'
import type { AmbientCredentials } from './credentials/ambient.ts'
import { aws } from './aws/provider.ts'
import type { AwsSpec } from './aws/spec.ts'
import type { ConnectContext, FindQuery, RemoteKey, SecretsClient } from './provider.ts'
import { signedJwt } from './generators/api/jwt.ts'
import { loadGenerator } from './generators/load.ts'
import type { GeneratorKind } from './generators/specs.ts'
import { openBao } from './openbao/provider.ts'
import type { OpenBaoSpec } from './openbao/spec.ts'
import { createReferences, type References } from './references.ts'
import { vault } from './vault/provider.ts'
import type { VaultSpec } from './vault/spec.ts'

/** The providers against real servers: what the small fakes of the wire took for granted. */

const timeout = 60_000

t.test('vault against OpenBao', { skip: skipWithout('openbao'), timeout }, async (t) => {
  const pki = await makePki()
  await using server = await startOpenBaoWithTls(pki.server)
  await using outbound = createOutbound(limits)
  const token = { tokenSecretRef: { name: 'credentials', key: 'root' } }
  const secrets = { jwt: await jwtFor(server), cert: pki.client.cert, key: pki.client.key }
  const connect = (spec: Partial<VaultSpec>) =>
    vault.connect({ server: server.url, path: 'secret', auth: token, ...spec }, contextOf(outbound, secrets))
  const data = { user: 'admin', n: 12345678901234567890n.toString(), f: 1.5, o: { z: 1, a: '<' }, nul: null }
  await server.call('POST secret/data/app/db', { data })
  await server.call('POST secret/data/app/db', { data: { ...data, user: 'second' } })
  await server.call('POST secret/metadata/app/db', { custom_metadata: { env: 'prod' } })
  await server.call('POST secret/data/app/deep/er', { data: { a: '1' } })
  await server.call('POST secret/data/a%20b/%C3%A4%3F', { data: { a: 'strange' } })
  await server.call('POST secret/data/gone', { data: { a: '1' } })
  await server.call('DELETE secret/data/gone')
  await server.call('POST kv1/app/x', { a: '1' })
  await server.call('POST team/secret/data/x', { data: { a: 'in team' } })

  await t.test('KV 2: values, versions, metadata, deleted versions', async (t) => {
    await using client = await connect({})
    t.equal(await client.check(signal()), 'ready')
    t.equal(await value(client, ref('app/db'), 'user'), 'second')
    t.equal(await value(client, ref('app/db', { version: '1' }), 'user'), 'admin')
    t.equal(await value(client, ref('secret/data/app/db'), 'o.a'), '<')
    t.equal(await value(client, ref('a b/ä?'), 'a'), 'strange')
    t.match(JSON.parse(await value(client, ref('app/db', { metadataPolicy: 'Fetch' }))), {
      env: 'prod',
      current_version: '2',
    })
    for (const missing of [ref('nowhere'), ref('gone'), ref('app/db', { version: '9' })]) {
      await t.rejects(client.read(missing, signal()), { code: 'secret-missing' })
    }
    await t.rejects(client.read(ref('app/db', { version: 'latest' }), signal()), {
      code: 'invalid-ref',
      message: /: 400 the request is not valid$/,
    })
  })

  await t.test('find', async (t) => {
    await using client = await connect({})
    t.same(await names(client, { path: 'app' }), ['app/db', 'app/deep/er'])
    t.same(await names(client, { name: { regexp: 'er$' } }), ['app/deep/er'])
    t.same(await names(client, { tags: { env: 'prod' } }), ['app/db'])
    await t.rejects(names(client, { path: 'nowhere' }), { code: 'secret-missing' })
    await using old = await connect({ path: 'kv1', version: 'v1' })
    t.same(await names(old, {}), ['app/x'])
    t.equal(await value(old, ref('app/x', { version: '1' }), 'a'), '1')
  })

  await t.test('logins, and their tokens are revoked at the end', async (t) => {
    const secretRef = { name: 'credentials', key: 'tests' }
    const methods: readonly NonNullable<VaultSpec['auth']>[] = [
      { appRole: { path: 'approle', roleId: ' tests\n', secretRef } },
      { appRole: { path: 'approle', roleRef: secretRef, secretRef } },
      { userPass: { path: 'userpass', username: 'tests', secretRef } },
      { jwt: { path: 'jwt', role: 'tests', secretRef: { name: 'credentials', key: 'jwt' } } },
    ]
    for (const auth of methods) {
      const before = await accessors(server)
      const client = await connect({ auth })
      t.equal(await client.check(signal()), 'ready')
      t.equal(await value(client, ref('app/db'), 'user'), 'second')
      await t.rejects(client.read(ref('cubbyhole/../x'), signal()), { code: 'invalid-ref' })
      t.equal(await accessors(server), before + 1)
      await client[Symbol.asyncDispose]()
      t.equal(await accessors(server), before)
    }
    const wrong = { userPass: { path: 'userpass', username: 'tests', secretRef: { name: 'credentials', key: 'root' } } }
    const message = /^unable to log in to auth method: unable to log in with userpass auth: Post ".*": 400/
    await t.rejects(connect({ auth: wrong }), { code: 'auth-failed', message })
    await using denied = await connect({ path: 'other', auth: methods[2] ?? token })
    await t.rejects(denied.read(ref('x'), signal()), { code: 'denied' })
  })

  await t.test('a client certificate logs in', async (t) => {
    await server.call('POST sys/auth/cert', { type: 'cert' })
    await server.call('POST auth/cert/certs/tests', { certificate: pki.ca, token_policies: ['tests'] })
    const caBundle = Buffer.from(pki.ca).toString('base64')
    const key = (name: string) => ({ name: 'credentials', key: name })
    const login = (vaultRole: string) =>
      connect({
        server: server.tlsUrl,
        caBundle,
        auth: { cert: { clientCert: key('cert'), secretRef: key('key'), vaultRole } },
      })
    for (const role of ['', 'tests']) {
      await using client = await login(role)
      t.equal(await client.check(signal()), 'ready')
      t.equal(await value(client, ref('app/db'), 'user'), 'second')
    }
    const message = /^unable to log in to auth method: unable to log in with cert auth: Post ".*": 400/
    await t.rejects(login('others'), { code: 'auth-failed', message })
  })

  await t.test('namespaces', async (t) => {
    await using client = await connect({ namespace: 'team' })
    t.equal(await client.check(signal()), 'ready')
    t.equal(await value(client, ref('x'), 'a'), 'in team')
  })

  await t.test('as openBao: members by name, one level of names, and a store that knows its mount', async (t) => {
    const open = (spec: Partial<OpenBaoSpec>) =>
      openBao.connect({ server: server.url, path: 'secret', auth: token, ...spec }, contextOf(outbound))
    await using client = await open({})
    t.equal(await client.check(signal()), 'ready')
    t.equal(await value(client, ref('app/db'), 'user'), 'second')
    t.equal(await value(client, ref('app/db', { version: '1' }), 'user'), 'admin')
    await t.rejects(value(client, ref('app/db'), 'o.a'), { code: 'invalid-ref' })
    await t.rejects(client.read(ref('nowhere'), signal()), {
      code: 'invalid-ref',
      message: 'secret not found: at secret/data/nowhere',
    })
    await t.rejects(client.read(ref('secret/app/db'), signal()), { message: /at secret\/data\/secret\/app\/db$/ })
    t.same(await names(client, { path: 'app', name: { regexp: '.' } }), ['db'])
    t.same(await names(client, { path: 'nothing/here', name: { regexp: '.' } }), [])
    await t.rejects(names(client, { tags: { env: 'prod' } }), { code: 'unsupported' })
    await using old = await open({ path: 'kv1', version: 'v1' })
    t.equal(await old.check(signal()), 'ready')
    t.equal(await value(old, ref('app/x'), 'a'), '1')
    await t.rejects(old.read(ref('app/x', { version: '1' }), signal()), { code: 'unsupported' })
    for (const [spec, message] of [
      [{ version: 'v1' }, /secret is not of version v1$/],
      [{ path: 'cubbyhole' }, /cubbyhole is not a KV secrets engine$/],
      [{ path: undefined }, /^invalid OpenBao credentials: Get .*mounts\/kv": 403 permission denied$/],
    ] as const) {
      const { path, ...rest } = { path: 'secret', ...spec }
      await using wrong = await openBao.connect(
        { server: server.url, auth: token, ...(path !== undefined && { path }), ...rest },
        contextOf(outbound),
      )
      await t.rejects(wrong.check(signal()), { message })
    }
  })
})

t.test('aws against moto', { skip: skipWithout('moto'), timeout }, async (t) => {
  await using moto = await startMoto()
  await using outbound = createOutbound({
    ...limits,
    endpoints: { secretsmanager: moto.url, ssm: moto.url, sts: moto.url, ecr: moto.url },
  })
  const key = { name: 'credentials', key: 'tests' }
  const auth = { secretRef: { accessKeyIDSecretRef: key, secretAccessKeySecretRef: key } }
  const aStore = { service: 'SecretsManager', region: 'eu-central-1' } as const
  const connect = (changes: Partial<AwsSpec>) => aws.connect({ ...aStore, auth, ...changes }, contextOf(outbound))
  const tags = [{ Key: 'env', Value: 'prod' }]
  const token = (digit: string) => digit.repeat(36)
  await moto.call('secretsmanager.CreateSecret', {
    Name: 'app/a',
    SecretString: '{"v":1.50}',
    ClientRequestToken: token('0'),
    Tags: tags,
  })
  await moto.call('secretsmanager.PutSecretValue', {
    SecretId: 'app/a',
    SecretString: '{"v":2}',
    ClientRequestToken: token('1'),
  })
  await moto.call('secretsmanager.CreateSecret', {
    Name: 'app/bin',
    SecretBinary: Buffer.from([0xff, 0]).toString('base64'),
    ClientRequestToken: token('2'),
  })
  for (let index = 0; index < 23; index += 1) {
    await moto.call('secretsmanager.CreateSecret', {
      Name: `many/${index}`,
      SecretString: '{}',
      ClientRequestToken: `many-${index}`.padEnd(36, '0'),
    })
  }

  await t.test('values, versions, binary, tags', async (t) => {
    await using client = await connect({})
    t.equal(await client.check(signal()), 'ready')
    t.equal(await value(client, ref('app/a'), 'v'), '2')
    t.equal(await value(client, ref('app/a', { version: 'AWSPREVIOUS' })), '{"v":1.50}')
    t.equal(await value(client, ref('app/a', { version: `uuid/${token('0')}` })), '{"v":1.50}')
    t.same([...(await client.read(ref('app/bin'), signal())).value(undefined)], [0xff, 0])
    t.equal(await value(client, ref('app/a', { metadataPolicy: 'Fetch' })), '{"env":"prod"}')
    await t.rejects(client.read(ref('nowhere'), signal()), { code: 'secret-missing' })
    await t.rejects(client.read(ref('app/a', { version: 'NOPE' }), signal()), { code: 'secret-missing' })
  })

  await t.test('batches and find', async (t) => {
    await using client = await connect({ prefix: 'app/' })
    const results = await client.readMany?.read([ref('bin'), ref('nowhere'), ref('a')], signal())
    t.match(results, [{ secret: {} }, { error: { code: 'secret-missing' } }, { secret: {} }])
    t.same(await names(client, { name: { regexp: '^app/' } }), ['app/a', 'app/bin'])
    t.same(await names(client, { tags: { env: 'prod' } }), ['app/a'])
    t.equal((await names(client, { path: 'many/', name: { regexp: '.' } })).length, 23)
    t.equal((await names(client, { name: { regexp: '^many/' } })).length, 23)
  })

  await t.test('parameters: versions, labels, tags, and everything below a path', async (t) => {
    const put = (Name: string, Value: string, more: object = {}) =>
      moto.call('ssm.PutParameter', { Name, Value, Type: 'SecureString', ...more })
    await put('/ps/a', '{"v":1.50}', { Tags: tags })
    await moto.call('ssm.LabelParameterVersion', { Name: '/ps/a', Labels: ['first'] })
    await put('/ps/a', '{"v":2}', { Overwrite: true })
    await put('/ps/sub/b', 'plain')
    for (let index = 0; index < 12; index += 1) await put(`/many/${index}`, 'x')
    await using client = await connect({ service: 'ParameterStore', prefix: '/ps/' })
    t.equal(await client.check(signal()), 'ready')
    t.equal(await value(client, ref('a'), 'v'), '2')
    t.equal(await value(client, ref('a', { version: '1' })), '{"v":1.50}')
    t.equal(await value(client, ref('a', { version: 'first' })), '{"v":1.50}')
    t.equal(await value(client, ref('a', { metadataPolicy: 'Fetch' })), '{"env":"prod"}')
    await t.rejects(client.read(ref('nowhere'), signal()), { code: 'secret-missing' })
    await t.rejects(client.read(ref('a', { version: '9' }), signal()), { code: 'invalid-ref' })
    t.same(await names(client, { path: '/ps', name: { regexp: '.' } }), ['/ps/a', '/ps/sub/b'])
    t.same(await names(client, { name: { regexp: 'b$' } }), ['/ps/sub/b'])
    t.equal((await names(client, { path: '/many', name: { regexp: '.' } })).length, 12, 'over two pages')
    t.same(await names(client, { tags: { env: 'prod' } }), ['/ps/a'])
    await t.rejects(names(client, { path: '/ps' }), { code: 'unsupported' })
  })

  await t.test("the process's own identity, by a token for a role (IRSA)", async (t) => {
    const variables = { AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/pod', AWS_WEB_IDENTITY_TOKEN_FILE: '/token' }
    const ambient = {
      allowedTo: 'all',
      variable: (name: string) => Object.entries(variables).find(([one]) => one === name)?.[1],
      readFile: async () => 'token',
    } as const
    const { references: _, ...rest } = contextOf(outbound)
    await using client = await aws.connect(aStore, { ...rest, references: referencesOf({}, ambient) })
    t.equal(await client.check(signal()), 'ready')
    t.equal(await value(client, ref('app/a'), 'v'), '2')
  })

  await t.test('an assumed role', async (t) => {
    await using client = await connect({ role: 'arn:aws:iam::123456789012:role/reader', sessionTagsPolicy: 'Simple' })
    t.equal(await client.check(signal()), 'ready')
    t.equal(await value(client, ref('app/a'), 'v'), '2')
  })

  await t.test('generators: a session of STS, a login of ECR', async (t) => {
    const generated = async (kind: GeneratorKind, spec: object) => {
      const generator = await loadGenerator(kind)
      if (!('generate' in generator)) throw new Error(`what ${kind} makes lasts`)
      const values = await generator.generate(spec, { ...contextOf(outbound), namespace: 'apps' })
      return Object.fromEntries([...values].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]))
    }
    const spec = { region: 'eu-central-1', auth }
    const keys = { access_key_id: /^A[KS]IA/, secret_access_key: /./, session_token: /./, expiration: /^\d{10}$/ }
    t.match(await generated('STSSessionToken', { ...spec, requestParameters: { sessionDuration: 900 } }), keys)
    const login = { username: 'AWS', password: /./, proxy_endpoint: /^https:.*eu-central-1/, expires_at: /^\d{10}$/ }
    t.match(await generated('ECRAuthorizationToken', spec), login)
    t.match(await generated('ECRAuthorizationToken', { ...spec, role: 'arn:aws:iam::123456789012:role/reader' }), login)
  })
})

const limits = {
  allowedNetworks: ['127.0.0.0/8'],
  timeoutMs: 10_000,
  responseBytesMax: 1_000_000,
  connectionsMax: 8,
  identitiesMax: 4,
}

function contextOf(outbound: ConnectContext['outbound'], more: Readonly<Record<string, string>> = {}): ConnectContext {
  return {
    store: { kind: 'SecretStore', name: 'store', namespace: 'apps' },
    references: referencesOf({ root: 'root', tests: 'tests', ...more }),
    outbound,
    clock: systemClock,
    log: silentLogger,
    signal: signal(),
  }
}

function referencesOf(texts: Readonly<Record<string, string>>, ambient?: AmbientCredentials): References {
  const entries = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  return createReferences({
    store: { kind: 'SecretStore', namespace: 'apps' },
    readSecret: async ({ name }) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      data: Object.fromEntries(entries),
    }),
    readConfigMap: async () => undefined,
    ambient,
  })
}

/** A token that logs in as `tests` at `auth/jwt`, signed by whom the server is told to believe. */
async function jwtFor(openBao: OpenBao): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = { type: 'spki', format: 'pem' } as const
  await openBao.call('POST sys/auth/jwt', { type: 'jwt' })
  await openBao.call('POST auth/jwt/config', { jwt_validation_pubkeys: [publicKey.export(pem)] })
  const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['vault'], token_policies: ['tests'] }
  await openBao.call('POST auth/jwt/role/tests', role)
  const nowSeconds = Math.floor(systemClock.now() / 1000)
  return signedJwt({ sub: 'tests', aud: 'vault', iat: nowSeconds, exp: nowSeconds + 600 }, { key: privateKey })
}

async function accessors(openBao: { call(request: string): Promise<unknown> }): Promise<number> {
  const answer = (await openBao.call('GET auth/token/accessors?list=true')) as { data: { keys: string[] } }
  return answer.data.keys.length
}

async function value(client: SecretsClient, key: RemoteKey, property?: string): Promise<string> {
  return Buffer.from((await client.read(key, signal())).value(property)).toString()
}

async function names(client: SecretsClient, query: FindQuery): Promise<readonly string[]> {
  return [...((await client.find?.(query, signal())) ?? new Map<string, Uint8Array>()).keys()].sort()
}

function ref(key: string, more: Partial<RemoteKey> = {}): RemoteKey {
  return { key, metadataPolicy: 'None', ...more }
}

function signal(): AbortSignal {
  return AbortSignal.timeout(20_000)
}

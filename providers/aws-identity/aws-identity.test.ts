import { createHash, createHmac } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { systemClock } from '../../base/clock.ts'
import { createOutbound, type Outbound, type OutboundRequest } from '../../base/http.ts'
import { silentLogger } from '../../base/log.ts'
import { accessKeyId, type AwsCall, fakeAws } from '../../test/support/fake-aws.ts'
import type { AmbientCredentials } from '../credentials/ambient.ts'
import { aws } from '../aws/provider.ts'
import type { AwsSpec } from '../aws/spec.ts'
import { canary } from '../conformance.ts'
import type { ConnectContext, SecretsClient, StoreScope } from '../provider.ts'
import { createReferences } from '../references.ts'
import type { VaultSpec } from '../vault/spec.ts'
import { vault } from '../vault/provider.ts'

/** Who the process is to AWS, and how that, static keys or a ServiceAccount log in at Vault. */

const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: 'k' }
const irsa = { AWS_ROLE_ARN: 'arn:aws:iam::1:role/pod', AWS_WEB_IDENTITY_TOKEN_FILE: '/irsa' }
const agent = {
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/agent',
}

const session = { AccessKeyId: 'ASIA-agent', SecretAccessKey: 's', Token: 'session-agent' }

t.test('the environment is asked in the order of the default chain', async (t) => {
  const table: readonly (readonly [string, Variables, readonly string[]])[] = [
    ['static keys', { ...keys, ...irsa, ...agent }, ['GetSecretValue']],
    ['IRSA', { ...irsa, ...agent }, ['AssumeRoleWithWebIdentity', 'GetSecretValue']],
    ['Pod Identity', { ...agent, AWS_ACCESS_KEY_ID: accessKeyId }, ['GetSecretValue']],
  ]
  for (const [name, variables, expected] of table) {
    const { calls, connect, asked } = await world(t, { variables })
    await using client = await connect()
    t.equal(await value(client), '1', name)
    t.equal(await value(client), '1')
    t.same(
      calls.map(({ target }) => target),
      [...expected, 'GetSecretValue'],
      'credentials are kept',
    )
    t.equal(
      asked.some(({ url }) => url.hostname === '169.254.170.23'),
      name === 'Pod Identity',
    )
  }
  const { calls, connect } = await world(t, { variables: { ...keys, AWS_SESSION_TOKEN: 'mine' } })
  await using client = await connect({ role: 'arn:aws:iam::1:role/last', externalID: 'outside' })
  await value(client)
  t.match(calls, [
    { target: 'AssumeRole', accessKey: accessKeyId, sessionToken: 'mine', body: { ExternalId: 'outside' } },
    { target: 'GetSecretValue', accessKey: 'ASIA-last', sessionToken: 'session-last' },
  ])
  for (const variables of [{}, { AWS_ACCESS_KEY_ID: 'x' }]) {
    const nobody = await world(t, { variables })
    await t.rejects(nobody.connect(), { code: 'auth-failed', message: /the process has no AWS identity of its own/ })
  }
})

t.test('IRSA: the role is assumed with the token of the file, which is part of the fingerprint', async (t) => {
  const { calls, connect, files, references } = await world(t, { variables: { ...irsa, AWS_ROLE_SESSION_NAME: 'me' } })
  await using client = await connect()
  const before = references.fingerprint()
  await value(client)
  const body = { RoleArn: 'arn:aws:iam::1:role/pod', RoleSessionName: 'me', WebIdentityToken: `${canary}-irsa` }
  t.match(calls, [
    { accessKey: '', body },
    { accessKey: 'ASIA-pod', sessionToken: 'session-pod' },
  ])
  t.equal(await references.currentFingerprint(), before)
  files.set('/irsa', 'another')
  t.not(await references.currentFingerprint(), before)
  files.delete('/irsa')
  await t.rejects(connect(), { code: 'auth-failed', message: /^AWS_WEB_IDENTITY_TOKEN_FILE: the file it names cannot/ })
  const { AWS_ROLE_ARN: _, ...half } = irsa
  await t.rejects((await world(t, { variables: half })).connect(), { message: /and AWS_ROLE_ARN is not$/ })
})

t.test('Pod Identity: the agent of the node is asked, and no other address', async (t) => {
  for (const host of ['169.254.170.23', '[fd00:ec2::23]']) {
    const url = `http://${host}/v1/credentials`
    const variables = { ...agent, AWS_CONTAINER_CREDENTIALS_FULL_URI: url }
    const { calls, asked, connect, files, world: state } = await world(t, { variables })
    state.agent = [200, { ...session, Expiration: '2000-01-01T00:00:00Z' }]
    await using client = await connect()
    await value(client)
    t.match(asked[0], {
      method: 'GET',
      exempt: host.replace(/[[\]]/g, ''),
      headers: { authorization: `${canary}-agent` },
    })
    t.equal(asked[0]?.url.href, url)
    t.match(calls[0], { accessKey: 'ASIA-agent', sessionToken: 'session-agent' })
    files.set('/agent', 'renewed')
    await value(client)
    t.match(asked.findLast(({ exempt }) => exempt !== undefined)?.headers, { authorization: 'renewed' }, 'read anew')
  }
  const elsewhere = [
    'https://169.254.170.23/v1/credentials',
    'http://169.254.170.23:8080/',
    'http://169.254.170.2/',
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.1/',
    'http://169.254.170.23@evil.test/',
    'http://169.254.170.23.evil.test/',
    'nonsense',
  ]
  for (const url of elsewhere) {
    const { connect, asked } = await world(t, { variables: { ...agent, AWS_CONTAINER_CREDENTIALS_FULL_URI: url } })
    await t.rejects(connect(), { code: 'auth-failed', message: /is not one of http:/ }, url)
    t.equal(asked.length, 0)
  }
  const answers: readonly (readonly [number, unknown, string])[] = [
    [400, canary, 'auth-failed'],
    [403, canary, 'auth-failed'],
    [429, canary, 'throttled'],
    [500, canary, 'unavailable'],
    [200, `{"AccessKeyId": "${canary}`, 'unavailable'],
    [200, { ...session, Expiration: canary }, 'unavailable'],
    [200, { ...session, SecretAccessKey: 1 }, 'unavailable'],
  ]
  for (const [status, body, code] of answers) {
    const { connect, world: state } = await world(t, { variables: agent })
    state.agent = [status, body]
    await using client = await connect()
    const error: unknown = await value(client).catch((failure: unknown) => failure)
    t.match(error, { code, message: /^could not get credentials from the EKS Pod Identity Agent: / }, `${status}`)
    t.notMatch(error instanceof Error ? `${error.message} ${error.stack}` : canary, canary)
  }
})

t.test('a SecretStore is not the process unless a flag says so', async (t) => {
  const store = { kind: 'SecretStore', namespace: 'apps' } as const
  const refusal = { code: 'denied', message: /SecretStore: --ambient-credentials=all would allow it/ }
  const { asked, connect, login } = await world(t, { variables: keys, store })
  await t.rejects(connect(), refusal)
  await t.rejects(login({ vaultRole: 'r' }), refusal)
  t.equal(asked.length, 0)
  const { connect: allowed } = await world(t, { variables: keys, store, allowedTo: 'all' })
  await using client = await allowed()
  t.equal(await value(client), '1')
})

t.test('Vault: a signed request for GetCallerIdentity logs in, whoever signs it', async (t) => {
  const secretRef = {
    accessKeyIDSecretRef: { name: 's', namespace: 'apps', key: 'id' },
    secretAccessKeySecretRef: { name: 's', namespace: 'apps', key: 'key' },
  }
  const jwt = { serviceAccountRef: { name: 'reader', namespace: 'apps' } }
  const role = 'arn:aws:iam::1:role/last'
  const table: readonly (readonly [Iam, readonly [string, string, string], readonly string[]])[] = [
    [{ vaultRole: 'r', secretRef }, [accessKeyId, 'k', 'us-east-1'], []],
    [{ vaultRole: 'r', secretRef, role, externalID: 'x' }, ['ASIA-last', 's', 'us-east-1'], ['AssumeRole']],
    [
      { vaultRole: 'r', jwt, region: 'eu-central-1' },
      ['ASIA-reader', 's', 'eu-central-1'],
      ['AssumeRoleWithWebIdentity'],
    ],
    [{ vaultRole: 'r' }, ['ASIA-pod', 's', 'us-east-1'], ['AssumeRoleWithWebIdentity']],
    [{ vaultRole: 'r', region: 'cn-north-1', secretRef }, [accessKeyId, 'k', 'cn-north-1'], []],
  ]
  for (const [iam, [id, secret, region], targets] of table) {
    const { calls, login, logins } = await world(t, { variables: irsa })
    await using client = await login({ ...iam, path: 'aws/', vaultAwsIamServerID: 'vault.test' })
    t.equal(await client.check(signal()), 'ready')
    t.same(
      calls.map(({ target }) => target),
      targets,
    )
    const [{ path, body } = { path: '', body: {} }] = logins
    t.match({ path, ...body }, { path: '/v1/auth/aws/login', role: 'r', iam_http_request_method: 'POST' })
    const hosts: Readonly<Record<string, string>> = { 'us-east-1': 'sts', 'cn-north-1': 'sts.cn-north-1' }
    const host = `${hosts[region] ?? `sts.${region}`}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
    t.equal(decoded(body, 'url'), `https://${host}/`)
    t.equal(decoded(body, 'body'), 'Action=GetCallerIdentity&Version=2011-06-15')
    const headers = JSON.parse(decoded(body, 'headers')) as Record<string, string>
    t.match(headers, {
      'x-vault-aws-iam-server-id': 'vault.test',
      authorization: new RegExp(`Credential=${id}/\\d+/${region}/sts/`),
    })
    t.equal(headers['authorization']?.split('Signature=')[1], signatureOf({ ...headers, host }, secret, region))
    t.match(headers['authorization'], /SignedHeaders=[^,]*x-vault-aws-iam-server-id/)
    t.equal(headers['x-amz-security-token'], id === accessKeyId ? undefined : `session-${id.slice('ASIA-'.length)}`)
  }
  const { login, calls } = await world(t, { variables: {} })
  await t.rejects(login({ vaultRole: 'r' }), { code: 'auth-failed', message: /no AWS identity of its own/ })
  await t.rejects(login({ vaultRole: 'r', region: 'a.b/', secretRef }), { code: 'invalid-ref' })
  await t.rejects(login({ vaultRole: 'r', jwt: {} }), { code: 'invalid-ref' })
  await t.rejects(login({ vaultRole: 'refused', secretRef }), {
    code: 'auth-failed',
    message: /unable to log in with iam auth: Post ".*": 400 the login was refused$/,
  })
  t.equal(calls.length, 0)
})

type Iam = NonNullable<NonNullable<VaultSpec['auth']>['iam']>
type Variables = Readonly<Record<string, string>>
type LoginBody = Readonly<Record<string, string>>

interface WorldOptions {
  readonly variables: Variables
  readonly store?: StoreScope
  readonly allowedTo?: AmbientCredentials['allowedTo']
}

/** AWS, an agent and a Vault behind one port; what is asked is told with the address it was asked at. */
async function world(t: Test, { variables, store = { kind: 'ClusterSecretStore' }, allowedTo }: WorldOptions) {
  const state: { agent: readonly [number, unknown] } = {
    agent: [200, { ...session, Expiration: '2099-01-01T00:00:00Z' }],
  }
  const calls: AwsCall[] = []
  const logins: { path: string; body: LoginBody }[] = []
  const files = new Map([
    ['/irsa', `${canary}-irsa\n`],
    ['/agent', `${canary}-agent\n`],
  ])
  const amazon = fakeAws({ x: { a: '1' } }, calls)
  const listener: RequestListener = (request, answer) => {
    if (request.url?.startsWith('/v1/auth/aws')) return void loggedIn(logins, request, answer)
    const [status, body] = state.agent
    if (request.url === '/v1/credentials') {
      return void answer.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
    }
    return request.url?.startsWith('/v1/') ? void answer.end('{"data": {}}') : amazon(request, answer)
  }
  const { asked, outbound } = await rerouted(t, listener)
  const references = createReferences({
    ...sourcesOf(store),
    ambient: {
      allowedTo: allowedTo ?? 'cluster-stores',
      variable: (name) => variables[name],
      readFile: async (path) => files.get(path) ?? Promise.reject(new Error(canary)),
    },
  })
  const context = () => contextOf({ store, references, outbound })
  const spec: AwsSpec = { service: 'SecretsManager', region: 'eu-central-1' }
  const server = 'https://vault.test:8200'
  return {
    asked,
    calls,
    files,
    logins,
    references,
    world: state,
    connect: (changes: Partial<AwsSpec> = {}) => aws.connect({ ...spec, ...changes }, context()),
    login: (iam: Iam) => vault.connect({ server, path: 'secret', auth: { iam } }, context()),
  }
}

function loggedIn(
  logins: { path: string; body: LoginBody }[],
  ...[request, answer]: Parameters<RequestListener>
): void {
  let text = ''
  request.on('data', (chunk: Buffer) => (text += chunk.toString()))
  request.on('end', () => {
    const body = JSON.parse(text) as LoginBody
    logins.push({ path: request.url ?? '', body })
    const auth = { client_token: 'issued', lease_duration: 3600 }
    answer.writeHead(body['role'] === 'refused' ? 400 : 200).end(JSON.stringify({ auth }))
  })
}

async function rerouted(t: Test, listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const limits = { timeoutMs: 5000, responseBytesMax: 100_000, connectionsMax: 4, identitiesMax: 4 }
  const agent = createOutbound({ ...limits, allowedNetworks: ['127.0.0.0/8'] })
  t.teardown(async () => {
    await agent[Symbol.asyncDispose]()
    server.close()
    server.closeAllConnections()
  })
  const asked: OutboundRequest[] = []
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const outbound: Outbound = {
    endpoints: {},
    fetch: (request) => {
      asked.push(request)
      return agent.fetch({ ...request, url: new URL(request.url.pathname + request.url.search, origin) })
    },
  }
  return { asked, outbound }
}

function sourcesOf(store: StoreScope) {
  const data = { id: Buffer.from(accessKeyId).toString('base64'), key: Buffer.from('k').toString('base64') }
  const annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/reader' }
  return {
    store,
    readSecret: async () => ({ apiVersion: 'v1', kind: 'Secret', metadata: {}, data }),
    readConfigMap: async () => undefined,
    readServiceAccount: async () => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { annotations } }),
    requestToken: async () => canary,
  }
}

function contextOf(given: Pick<ConnectContext, 'references' | 'outbound'> & { readonly store: StoreScope }) {
  const store = { ...given.store, name: 'store' }
  return { ...given, store, clock: systemClock, log: silentLogger, signal: signal() }
}

function decoded(body: LoginBody, part: 'url' | 'body' | 'headers'): string {
  return Buffer.from(body[`iam_request_${part}`] ?? '', 'base64').toString()
}

/** As AWS computes it (Signature Version 4) of the request for GetCallerIdentity. */
function signatureOf(headers: Readonly<Record<string, string>>, secret: string, region: string): string {
  const [, names = ''] = /SignedHeaders=([^,]*)/.exec(headers['authorization'] ?? '') ?? []
  const date = headers['x-amz-date'] ?? ''
  const lines = names.split(';').map((name) => `${name}:${headers[name]}`)
  const body = sha256('Action=GetCallerIdentity&Version=2011-06-15')
  const canonical = ['POST', '/', '', ...lines, '', names, body].join('\n')
  const scope = [date.slice(0, 8), region, 'sts', 'aws4_request']
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n')
  const key = scope.reduce<Buffer>((last, part) => hmac(last, part), Buffer.from(`AWS4${secret}`))
  return hmac(key, text).toString('hex')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

async function value(client: SecretsClient): Promise<string> {
  return Buffer.from((await client.read({ key: 'x', metadataPolicy: 'None' }, signal())).value('a')).toString()
}

function signal(): AbortSignal {
  return AbortSignal.timeout(10_000)
}

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { env } from 'node:process'
import t, { type Test } from 'tap'
import { systemClock } from '../../base/clock.ts'
import { createOutbound } from '../../base/http.ts'
import { silentLogger } from '../../base/log.ts'
import { accessKeyId, type AwsCall, fakeAws } from '../../test/support/fake-aws.ts'
import { canary, providerConformance, type RemoteValues } from '../conformance.ts'
import type { ConnectContext, RemoteKey } from '../provider.ts'
import { createReferences } from '../references.ts'
import { aws } from './provider.ts'
import type { AwsSpec } from './spec.ts'

const secretRef = {
  accessKeyIDSecretRef: { name: 'credentials', key: 'id' },
  secretAccessKeySecretRef: { name: 'credentials', key: 'key' },
}
const spec: AwsSpec = { service: 'SecretsManager', region: 'eu-central-1', auth: { secretRef } }

providerConformance(t, {
  provider: aws,
  spec: (): AwsSpec => spec,
  credentials: { id: accessKeyId, key: `${canary}-key` },
  endpoints: (url) => ({ secretsmanager: url.origin, sts: url.origin }),
  serve: (values) => fakeAws(values),
})

t.test('reading', async (t) => {
  const { connect, calls } = await peer(t, { 'p/a': { x: '1' }, 'p/b': { x: '2' }, other: { x: '3' } })
  const client = await connect({ prefix: 'p/' })
  const text = async (key: RemoteKey) => Buffer.from((await client.read(key, signal())).value(undefined)).toString()

  t.test('versions are stages or IDs, and the prefix stands before every key', async (t) => {
    t.equal(await text(ref('a')), '{"x":"1"}')
    t.match(calls.at(-1), { target: 'GetSecretValue', body: { SecretId: 'p/a', VersionStage: 'AWSCURRENT' } })
    await text(ref('a', { version: 'uuid/1-2' }))
    t.same(calls.at(-1)?.body, { SecretId: 'p/a', VersionId: '1-2' })
    await text(ref('a', { version: 'AWSPREVIOUS' }))
    t.same(calls.at(-1)?.body, { SecretId: 'p/a', VersionStage: 'AWSPREVIOUS' })
  })

  t.test('metadata is the tags, escaped as ESO does; a missing secret is an ordinary error then', async (t) => {
    t.equal(await text(ref('a', { metadataPolicy: 'Fetch' })), '{"env":"prod","team":"a\\u003cb"}')
    await t.rejects(text(ref('zz', { metadataPolicy: 'Fetch' })), { code: 'invalid-ref' })
  })

  t.test('what has no version is read by one call; where that is not allowed, one by one', async (t) => {
    calls.length = 0
    const read = async () =>
      client.readMany?.read([ref('b'), ref('a'), ref('a', { version: 'X' }), ref('zz')], signal())
    const expected = [{ secret: {} }, { secret: {} }, { secret: {} }, { error: { code: 'secret-missing' } }]
    t.match(await read(), expected)
    t.same(targets(calls), ['BatchGetSecretValue', 'GetSecretValue', 'GetSecretValue'])
    const strict = await peer(t, { 'p/a': { x: '1' }, 'p/b': { x: '2' } }, { denied: ['BatchGetSecretValue'] })
    const limited = await strict.connect({ prefix: 'p/' })
    t.match(await limited.readMany?.read([ref('b'), ref('a')], signal()), [{ secret: {} }, { secret: {} }])
    t.same(targets(strict.calls), ['BatchGetSecretValue', 'GetSecretValue', 'GetSecretValue'])
  })

  t.test('find lists names, or filters by path and tags; a prefix is not put before them again', async (t) => {
    const names = async (query: object) =>
      [...((await client.find?.(query, signal())) ?? [])].map(([key]) => key).sort()
    t.same(await names({ name: { regexp: '^(p/a|other)$' } }), ['other', 'p/a'])
    calls.length = 0
    t.same(await names({ path: 'p/', name: { regexp: 'b$' }, tags: { env: 'prod' } }), ['p/b'])
    t.same(calls[0]?.body, {
      Filters: [
        { Key: 'name', Values: ['p/'] },
        { Key: 'tag-key', Values: ['env'] },
        { Key: 'tag-value', Values: ['prod'] },
      ],
      MaxResults: 20,
    })
    await t.rejects(names({ path: 'p/' }), { code: 'unsupported' })
  })

  t.test('a value that cannot be decrypted fails the find instead of leaving a key out', async (t) => {
    const broken = await peer(
      t,
      {},
      {
        listener: (_, answer) => {
          answer.end(
            JSON.stringify({
              SecretValues: [],
              Errors: [{ SecretId: 'p/a', ErrorCode: 'DecryptionFailure', Message: canary }],
            }),
          )
        },
      },
    )
    const client = await broken.connect({})
    await t.rejects(async () => client.find?.({ tags: {} }, signal()), {
      code: 'denied',
      message: 'BatchGetSecretValue p/a: DecryptionFailure',
    })
  })
})

t.test('errors are told by the name the service gives them', async (t) => {
  const table: readonly (readonly [string, number, string])[] = [
    ['ResourceNotFoundException', 404, 'secret-missing'],
    ['ResourceNotFoundException', 400, 'secret-missing'],
    ['AccessDeniedException', 400, 'denied'],
    ['UnrecognizedClientException', 400, 'auth-failed'],
    ['InvalidRequestException', 400, 'invalid-ref'],
    ['DecryptionFailure', 400, 'denied'],
    ['Whatever', 400, 'unavailable'],
  ]
  for (const [name, status, code] of table) {
    const { connect } = await peer(
      t,
      {},
      {
        listener: (_, answer) => {
          answer
            .writeHead(status, { 'x-amzn-requestid': canary })
            .end(JSON.stringify({ __type: name, message: `about ${canary}` }))
        },
      },
    )
    const error: unknown = await (await connect({})).read(ref('x'), signal()).catch((failure: unknown) => failure)
    t.match(error, { name: 'ProviderError', code }, name)
    t.notMatch(error instanceof Error ? error.message : '', canary)
  }
})

t.test('roles are assumed one after the other, the last with external ID and tags', async (t) => {
  const { connect, calls } = await peer(t, { x: { a: '1' } })
  const client = await connect({
    additionalRoles: ['arn:aws:iam::1:role/first'],
    role: 'arn:aws:iam::1:role/last',
    externalID: 'outside',
    sessionTagsPolicy: 'Custom',
    customSessionTags: { team: 'a' },
    transitiveTagKeys: ['team'],
  })
  t.equal(calls.length, 0, 'connecting asks nothing yet')
  t.equal(await client.check(signal()), 'ready')
  await client.read(ref('x'), signal())
  await client.read(ref('x'), signal())
  t.same(targets(calls), ['AssumeRole', 'AssumeRole', 'GetSecretValue', 'GetSecretValue'], 'credentials are kept')
  const [first, last, read] = calls
  t.match(first?.body, { RoleArn: 'arn:aws:iam::1:role/first' })
  t.notMatch(first?.body, { ExternalId: 'outside' })
  t.match(last?.body, {
    RoleArn: 'arn:aws:iam::1:role/last',
    ExternalId: 'outside',
    'Tags.member.1.Key': 'team',
    'Tags.member.2.Key': 'esoNamespace',
    'Tags.member.2.Value': 'apps',
    'Tags.member.3.Value': 'store',
    'Tags.member.4.Value': 'SecretStore',
    'TransitiveTagKeys.member.1': 'team',
  })
  t.match([last?.accessKey, read?.accessKey], ['ASIA-first', 'ASIA-last'])
  t.equal(read?.sessionToken, 'session-last')

  t.test('a role that is refused is told without a word of the answer', async (t) => {
    const refusing = await peer(t, {}, { denied: ['AssumeRole'] })
    const client = await refusing.connect({ role: 'arn:aws:iam::1:role/last' })
    const message = 'could not assume role arn:aws:iam::1:role/last: AccessDenied'
    await t.rejects(client.check(signal()), { code: 'denied', message })
    await t.rejects(client.read(ref('x'), signal()), { code: 'denied', message })
  })
})

t.test('a ServiceAccount logs in with its token as the role that annotates it', async (t) => {
  const serviceAccountRef = { name: 'reader', audiences: ['own'] }
  for (const service of ['SecretsManager', 'ParameterStore'] as const) {
    const { connect, calls } = await peer(t, { x: { a: '1' } })
    // Static credentials beside it are not even read.
    const auth = { jwt: { serviceAccountRef }, secretRef: { accessKeyIDSecretRef: { name: 'gone' } } }
    const client = await connect({ service, auth, role: 'arn:aws:iam::1:role/last' })
    t.equal(await client.check(signal()), 'ready')
    const read = async () => Buffer.from((await client.read(ref('x'), signal())).value('a')).toString()
    t.equal(await read(), '1')
    t.equal(await read(), '1')
    const asked = service === 'SecretsManager' ? 'GetSecretValue' : 'GetParameter'
    t.same(targets(calls), ['AssumeRoleWithWebIdentity', 'AssumeRole', asked, asked], 'credentials are kept')
    t.match(calls[0]?.body, {
      RoleArn: 'arn:aws:iam::1:role/reader',
      RoleSessionName: 'external-secrets-provider-aws',
      WebIdentityToken: `${canary}:apps/reader/own/sts.amazonaws.com/3600`,
    })
    t.same(
      calls.map(({ accessKey }) => accessKey),
      ['', 'ASIA-reader', 'ASIA-last', 'ASIA-last'],
      'nothing is signed at first',
    )
  }
  const { connect } = await peer(t, {}, { denied: ['AssumeRoleWithWebIdentity'] })
  const message = 'could not assume role arn:aws:iam::1:role/reader: AccessDenied'
  const client = await connect({ auth: { jwt: { serviceAccountRef } } })
  await t.rejects(client.check(signal()), { code: 'denied', message })
  const bare = { jwt: { serviceAccountRef: { name: 'bare' } } }
  await t.rejects(connect({ auth: bare }), { code: 'auth-failed', message: /no annotation eks.amazonaws.com/ })
})

t.test('the environment decides nothing', async (t) => {
  const { connect, calls } = await peer(t, { x: { a: '1' } })
  const elsewhere = await peer(t, {})
  Object.assign(env, { AWS_ENDPOINT_URL: elsewhere.url, AWS_ACCESS_KEY_ID: 'ambient', AWS_REGION: 'us-east-1' })
  t.teardown(() => ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_REGION'].forEach((name) => delete env[name]))
  await (await connect({})).read(ref('x'), signal())
  t.equal(calls[0]?.accessKey, accessKeyId)
  const { connect: unreachable } = await peer(t, {}, { endpoints: {} })
  const host = /GetSecretValue x: dial tcp: lookup secretsmanager\.eu-central-1\.amazonaws\.com:?\d*: no such host/
  await t.rejects((await unreachable({})).read(ref('x'), signal()), { code: 'unavailable', message: host })
  t.equal(elsewhere.calls.length, 0)
})

t.test('what a spec may not say', async (t) => {
  const fields = (changes: Partial<AwsSpec>) =>
    aws.spec
      .validate({ ...spec, ...changes }, { kind: 'SecretStore', namespace: 'apps' })
      .map(({ field, message }) => `${field}: ${message}`)
  t.same(fields({}), [])
  t.same(fields({ service: 'ParameterStore' }), [])
  t.same(fields({ service: 'CertificateManager' }), [
    'service: Forbidden: CertificateManager is not served yet; served: SecretsManager, ParameterStore',
  ])
  t.match(fields({ region: 'eu/../x' }), ['region: Invalid value: "eu/../x"'])
  t.match(fields({ secretsManager: { recoveryWindowInDays: 5 } }), [
    'secretsManager.recoveryWindowInDays: Invalid value: 5',
  ])
  t.match(fields({ secretsManager: { recoveryWindowInDays: 7, forceDeleteWithoutRecovery: true } }), [
    /^secretsManager.recoveryWindowInDays: Forbidden/,
  ])
  t.same(fields({ auth: {} }), [])
  t.match(fields({ auth: { jwt: {}, secretRef } }), [/^auth.jwt.serviceAccountRef: Required/])
  t.same(fields({ auth: { jwt: { serviceAccountRef: { name: 'reader' } } } }), [])
  t.match(fields({ auth: { jwt: { serviceAccountRef: { name: 'reader', namespace: 'x' } } } }), [
    /^auth.jwt.serviceAccountRef.namespace: Invalid/,
  ])
  t.match(fields({ auth: { secretRef: { sessionTokenSecretRef: { namespace: 'x' } } } }), [
    /^auth.secretRef.sessionTokenSecretRef.namespace: Invalid/,
  ])
})

interface PeerOptions {
  readonly denied?: readonly string[]
  readonly listener?: RequestListener
  readonly endpoints?: Readonly<Record<string, string>>
}

async function peer(t: Test, values: RemoteValues, { denied = [], listener, endpoints }: PeerOptions = {}) {
  const calls: AwsCall[] = []
  const server = createServer(listener ?? fakeAws(values, calls, denied))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const outbound = createOutbound({
    allowedNetworks: ['127.0.0.0/8'],
    timeoutMs: 2000,
    responseBytesMax: 100_000,
    connectionsMax: 4,
    identitiesMax: 4,
    endpoints: endpoints ?? { secretsmanager: url, ssm: url, sts: url },
    resolve: async () => {
      throw Object.assign(new Error('nothing is resolved here'), { code: 'ENOTFOUND' })
    },
  })
  t.teardown(async () => {
    await outbound[Symbol.asyncDispose]()
    server.close()
    server.closeAllConnections()
  })
  const data = { id: Buffer.from(accessKeyId).toString('base64'), key: Buffer.from('k').toString('base64') }
  const context: ConnectContext = {
    store: { kind: 'SecretStore', name: 'store', namespace: 'apps' },
    references: createReferences({
      store: { kind: 'SecretStore', namespace: 'apps' },
      readSecret: async ({ name }) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, data }),
      readConfigMap: async () => undefined,
      readServiceAccount: async ({ name }) => {
        const annotations = name === 'bare' ? {} : { 'eks.amazonaws.com/role-arn': `arn:aws:iam::1:role/${name}` }
        return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, annotations } }
      },
      requestToken: async ({ namespace, name, audiences, expirationSeconds }) =>
        [`${canary}:${namespace}`, name, ...audiences, expirationSeconds].join('/'),
    }),
    outbound,
    clock: systemClock,
    log: silentLogger,
    signal: signal(),
  }
  return { url, calls, connect: (changes: Partial<AwsSpec>) => aws.connect({ ...spec, ...changes }, context) }
}

function targets(calls: readonly AwsCall[]): readonly string[] {
  return calls.map(({ target }) => target)
}

function ref(key: string, more: Partial<RemoteKey> = {}): RemoteKey {
  return { key, metadataPolicy: 'None', ...more }
}

function signal(): AbortSignal {
  return AbortSignal.timeout(10_000)
}

t.test('parameters without a version are read by one call; where that is not allowed, one by one', async (t) => {
  const values = { '/p/a': { x: '1' }, '/p/b': { x: '2' } }
  const { connect, calls } = await peer(t, values)
  const client = await connect({ service: 'ParameterStore', prefix: '/p/' })
  t.equal(client.readMany?.countMax, 10)
  const wanted = [ref('b'), ref('a'), ref('b'), ref('zz')]
  const results = (await client.readMany?.read(wanted, signal())) ?? []
  const texts = results.map((each) => ('secret' in each ? Buffer.from(each.secret.value('x')).toString() : each.error))
  t.match(texts, ['2', '1', '2', { code: 'secret-missing' }])
  t.same(targets(calls), ['GetParameters', 'GetParameter'])
  t.same(calls[0]?.body, { Names: ['/p/b', '/p/a', '/p/zz'], WithDecryption: true })
  const strict = await peer(t, values, { denied: ['GetParameters'] })
  const limited = await strict.connect({ service: 'ParameterStore', prefix: '/p/' })
  t.match(await limited.readMany?.read([ref('b'), ref('a')], signal()), [{ secret: {} }, { secret: {} }])
  t.same(targets(strict.calls), ['GetParameters', 'GetParameter', 'GetParameter'])
})

t.test('parameters are listed and read one by one where reading by path is denied', async (t) => {
  const seen: string[] = []
  const listener: RequestListener = (request, answer) => {
    const [, target = ''] = String(request.headers['x-amz-target']).split('.')
    seen.push(target)
    const answers: Readonly<Record<string, object>> = {
      DescribeParameters: { Parameters: [{ Name: '/app/a' }, { Name: '/app/b' }] },
      GetParameter: { Parameter: { Name: '/app/b', Value: 'b' } },
    }
    const content = answers[target]
    if (content === undefined) answer.writeHead(400).end(JSON.stringify({ __type: 'AccessDeniedException' }))
    else answer.end(JSON.stringify(content))
  }
  const { connect } = await peer(t, {}, { listener })
  const client = await connect({ service: 'ParameterStore' })
  const found = await client.find?.({ path: '/app', name: { regexp: 'b$' } }, signal())
  t.same(
    [...(found ?? [])].map(([name, value]) => [name, Buffer.from(value).toString()]),
    [['/app/b', 'b']],
  )
  t.same(seen, ['GetParametersByPath', 'DescribeParameters', 'GetParameter'])
})

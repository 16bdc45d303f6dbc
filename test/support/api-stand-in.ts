import { generateKeyPairSync, verify } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { systemClock } from '../../base/clock.ts'
import { createOutbound, type Outbound } from '../../base/http.ts'
import { silentLogger } from '../../base/log.ts'
import { withDefaults } from '../../machinery/schema/default.ts'
import { loadGenerator } from '../../providers/generators/load.ts'
import { type GeneratorKind, generatorSchemas } from '../../providers/generators/specs.ts'
import { createReferences } from '../../providers/references.ts'

export interface ApiStandInCall {
  readonly method: string
  /** As it was asked for, before the stand-in took its place. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Answer = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>]

type Answering = (call: ApiStandInCall) => Answer | undefined

export interface ApiStandIn {
  readonly calls: ApiStandInCall[]
  readonly generated: (kind: GeneratorKind, spec: object) => Promise<Record<string, string>>
  /** What it answered as the state of the values that it made last. */
  readonly state: () => unknown
  readonly giveBack: (kind: GeneratorKind, spec: object, state: unknown) => Promise<void>
}

/** The cloud and forge APIs of generators: one server in place of every host. `undefined` never answers. */
export async function apiStandIn(t: Test, answer: Answering, timeoutMs = limits.timeoutMs): Promise<ApiStandIn> {
  const calls: ApiStandInCall[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const url = waiting.shift() ?? ''
      const call = { method: request.method ?? '', url, headers: request.headers, body }
      calls.push(call)
      const [status, value, headers] = answer(call) ?? []
      if (status === undefined) return
      response.writeHead(status, headers).end(typeof value === 'string' ? value : JSON.stringify(value))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const outbound = createOutbound({ ...limits, timeoutMs, allowedNetworks: ['127.0.0.0/8'] })
  t.teardown(() => outbound[Symbol.asyncDispose]())
  const waiting: string[] = []
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const rerouted: Outbound = {
    endpoints: {},
    fetch: ({ url, ...request }) => {
      waiting.push(url.href)
      return outbound.fetch({ ...request, url: new URL(url.pathname + url.search, origin) })
    },
  }
  let state: unknown
  return {
    calls,
    generated: async (kind, spec) => {
      const made = await madeBy(kind, spec, rerouted)
      state = made.state
      return made.texts
    },
    state: () => state,
    giveBack: (kind, spec, made) => giveBack(kind, { spec, made }, rerouted),
  }
}

export const limits = { timeoutMs: 20_000, responseBytesMax: 100_000, connectionsMax: 4, identitiesMax: 8 }

export async function generated(
  kind: GeneratorKind,
  spec: object,
  outbound: Outbound,
): Promise<Record<string, string>> {
  return (await madeBy(kind, spec, outbound)).texts
}

interface Made {
  readonly texts: Record<string, string>
  readonly state?: unknown
}

async function madeBy(kind: GeneratorKind, spec: object, outbound: Outbound): Promise<Made> {
  const generator = await loadGenerator(kind)
  const effective = withDefaults(generatorSchemas[kind], spec)
  const context = contextOf(outbound)
  if (!('make' in generator)) return { texts: textsOf(await generator.generate(effective, context)) }
  const { values, state } = await generator.make(effective, context)
  return { texts: textsOf(values), state }
}

interface MadeBefore {
  readonly spec: object
  /** Its state. */
  readonly made: unknown
}

async function giveBack(kind: GeneratorKind, { spec, made }: MadeBefore, outbound: Outbound): Promise<void> {
  const generator = await loadGenerator(kind)
  if (!('giveBack' in generator)) throw new Error(`${kind} gives nothing back`)
  await generator.giveBack(withDefaults(generatorSchemas[kind], spec), made, contextOf(outbound))
}

function contextOf(outbound: Outbound) {
  const clock = { ...systemClock, now: () => standInNow }
  const signal = AbortSignal.timeout(20_000)
  return { references: references(), namespace: 'apps', outbound, clock, log: silentLogger, signal }
}

function textsOf(values: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  return Object.fromEntries([...values].map(([key, value]) => [key, Buffer.from(value).toString()]))
}

/** In every credential, token and refusal: no error may have it. */
export const canary = 'CANARY-7f3a'

export const standInNow = 1_800_000_000_999

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** The keys of the one Secret there is, `credentials`. */
export const texts: Readonly<Record<string, string>> = {
  token: `token-${canary}`,
  broken: `token-${canary}\n`,
  id: `AKIA${canary}`,
  rsa: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  google: JSON.stringify({
    type: 'service_account',
    client_email: 'builder@p.iam.gserviceaccount.com',
    private_key_id: 'k1',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: 'https://oauth2.googleapis.com/token',
  }),
}

/** Of the ServiceAccounts; all others have none. */
const annotations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  amazon: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/builder' },
  azure: { 'azure.workload.identity/client-id': 'c-9', 'azure.workload.identity/tenant-id': 't-9' },
  google: { 'iam.gke.io/gcp-service-account': 'builder@p.iam.gserviceaccount.com' },
}

function references() {
  const data = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  )
  return createReferences({
    store: { kind: 'SecretStore', namespace: 'apps' },
    readSecret: async ({ namespace, name }) =>
      namespace === 'apps' && name === 'credentials'
        ? { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data }
        : undefined,
    readConfigMap: async () => undefined,
    readServiceAccount: async ({ namespace, name }) =>
      namespace === 'apps' && name !== 'gone'
        ? { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, annotations: annotations[name] ?? {} } }
        : undefined,
    requestToken: async ({ namespace, name, audiences, expirationSeconds }) =>
      `${canary}:${[namespace, name, ...audiences, expirationSeconds].join('/')}`,
  })
}

/** What every one of them says when the other side refuses, is silent or answers something else. */
export async function fails(t: Test, kind: GeneratorKind, spec: object): Promise<void> {
  const table: readonly (readonly [what: string, answer: Answer | undefined, code: string])[] = [
    ['wrong credentials', [401, { message: canary, __type: 'UnrecognizedClientException' }], 'auth-failed'],
    ['not allowed', [403, canary], 'denied'],
    ['too many', [429, canary, { 'retry-after': '7' }], 'throttled'],
    ['bad request', [400, { error: canary, __type: 'ValidationException' }], 'invalid-ref'],
    ['broken', [500, canary], 'unavailable'],
    ['elsewhere', [302, canary, { location: 'https://elsewhere.example.com' }], 'unavailable'],
    ['not JSON', [200, `{"token": "${canary}`], 'unavailable'],
    ['no object', [200, [canary]], 'unavailable'],
    ['not what is meant', [200, { other: canary }], 'unavailable'],
    [
      'other types',
      [200, { token: [canary], access_token: 1, secret: canary, serviceAccounts: canary }],
      'unavailable',
    ],
    ['no answer', undefined, 'unavailable'],
  ]
  for (const [what, answer, code] of table) {
    const calls = await failsOnce(t, { kind, spec, answer, code })
    t.equal(calls.length, 1, `${kind}: ${what}: asked once`)
  }
}

interface Failure {
  readonly kind: GeneratorKind
  readonly spec: object
  readonly answer: Answer | undefined
  readonly code: string
}

export async function failsOnce(t: Test, { kind, spec, answer, code }: Failure): Promise<readonly ApiStandInCall[]> {
  const { calls, generated } = await apiStandIn(t, () => answer, answer === undefined ? 200 : limits.timeoutMs)
  const error: unknown = await generated(kind, spec).catch((failure: unknown) => failure)
  const what = `${kind}: ${code}`
  t.match(error, { name: 'ProviderError', code }, what)
  t.notMatch(error instanceof Error ? `${error.message} ${error.stack ?? ''}` : canary, canary, what)
  return calls
}

/** The header of a request that is signed for AWS. */
export function signedAs(accessKeyId: string, scope: string): RegExp {
  const headers = 'SignedHeaders=[^ ]*host[^ ]*x-amz-date[^ ]*'
  return new RegExp(`^AWS4-HMAC-SHA256 Credential=${accessKeyId}/\\d{8}/${scope}/aws4_request, ${headers}, Signature=`)
}

/** What STS answers when it gives credentials. */
export function sessionOf(action: string): string {
  const credentials =
    `<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>${canary}</SecretAccessKey>` +
    '<SessionToken>session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>'
  const result = `<${action}Result><Credentials>${credentials}</Credentials></${action}Result>`
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</${action}Response>`
}

export function stsError(code: string): string {
  const error = `<Type>Sender</Type><Code>${code}</Code><Message>${canary}</Message>`
  return `<ErrorResponse><Error>${error}</Error></ErrorResponse>`
}

export function unsignedJwt(claims: unknown): string {
  return ['{}', JSON.stringify(claims), canary].map((part) => Buffer.from(part).toString('base64url')).join('.')
}

/** The claims of a JWT that the key in the Secret has signed. */
export function signedClaims(jwt = ''): unknown {
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  if (!verify('sha256', Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'))) return jwt
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}

export function asked({ calls }: ApiStandIn): readonly string[] {
  return calls.map(({ method, url }) => `${method} ${url}`)
}

export function formOf(call: ApiStandInCall | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(call?.body))
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

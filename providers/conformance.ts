import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Test } from 'tap'
import { systemClock } from '../base/clock.ts'
import { createOutbound, type Outbound, type OutboundOptions } from '../base/http.ts'
import type { Logger } from '../base/log.ts'
import type { KubeObject } from '../machinery/object.ts'
import { ProviderError } from './errors.ts'
import type { ConnectContext, Provider, RemoteKey, SecretsClient } from './provider.ts'
import { createReferences, type Place } from './references.ts'

/**
 * What every provider promises, against a small fake of its wire. A provider that cannot promise something names it in
 * `without`, with the reason, and the case is skipped by that reason.
 */
export interface Conformance<Spec> {
  readonly provider: Provider<Spec>
  /** The spec of a store that reads from `url`, with credentials from the Secret `credentials`. */
  spec(url: URL, values: RemoteValues): Spec
  /** The Secret `credentials`. Every value contains `canary`. */
  readonly credentials: Readonly<Record<string, string>>
  /** Addresses that options give instead of the spec. */
  endpoints?(url: URL): Readonly<Record<string, string>>
  /** The fake of the wire: serves `values` to who shows the credentials, and refuses others. */
  serve(values: RemoteValues): RequestListener
  /** What a token request answers; for providers that log in with a ServiceAccount. */
  readonly token?: string
  readonly without?: Partial<Record<Promise_, string>>
}

/** Remote keys and the JSON object each holds. */
export type RemoteValues = Readonly<Record<string, Readonly<Record<string, string>>>>

type Promise_ = 'credentials' | 'network' | 'missing-value'

export const canary = 'canary-8c1f'

const values: RemoteValues = {
  'app-db': { user: 'admin', password: `${canary}-db` },
  'app-web': { token: `${canary}-web` },
  other: { x: `${canary}-x` },
}

export function providerConformance<Spec>(t: Test, subject: Conformance<Spec>): void {
  const { without = {} } = subject
  const skip = (promise: Promise_) => ({ skip: without[promise] ?? false })

  t.test('a key is read whole, by property and by entries', async (t) => {
    await using world = await worldOf(subject)
    await using client = await world.connect()
    t.equal(await client.check(signal()), 'ready')
    const secret = await client.read(ref('app-db'), signal())
    t.same(JSON.parse(text(secret.value(undefined))) as unknown, values['app-db'])
    t.equal(text(secret.value('user')), 'admin')
    t.equal(text(secret.entries(undefined).get('user') ?? empty), 'admin')
    t.ok(secret.sizeBytes > 0)
    t.throws(() => secret.value('nope'), ProviderError)
  })

  t.test('a key that is not there is a missing secret', skip('missing-value'), async (t) => {
    await using world = await worldOf(subject)
    await using client = await world.connect()
    await t.rejects(client.read(ref('nowhere'), signal()), { code: 'secret-missing', message: 'Secret does not exist' })
  })

  t.test('find answers the names that match', async (t) => {
    await using world = await worldOf(subject)
    await using client = await world.connect()
    const found = await client.find?.({ name: { regexp: '^app-' } }, signal())
    t.same(
      [...(found?.keys() ?? [])].sort(),
      subject.provider.capabilities.includes('find') ? ['app-db', 'app-web'] : [],
    )
    if (client.find === undefined) return
    await t.rejects(async () => client.find?.({ name: { regexp: '(' } }, signal()), { name: 'ProviderError' })
  })

  t.test('many keys are read in their order, and one that is missing fails alone', async (t) => {
    await using world = await worldOf(subject)
    await using client = await world.connect()
    if (client.readMany === undefined) return
    const results = await client.readMany.read([ref('other'), ref('nowhere'), ref('app-db')], signal())
    t.same(
      results.map((result) => ('secret' in result ? [...result.secret.entries(undefined).keys()] : result.error.code)),
      [['x'], 'secret-missing', ['user', 'password']],
    )
  })

  t.test('closing twice is closing once', async () => {
    await using world = await worldOf(subject)
    const client = await world.connect()
    await client[Symbol.asyncDispose]()
    await client[Symbol.asyncDispose]()
  })

  t.test('credentials', skip('credentials'), async (t) => {
    t.test('that are wrong are told at the latest by the first read, and reach no error', async (t) => {
      await using world = await worldOf(subject, { credentials: wrong(subject.credentials), token: `wrong-${canary}` })
      t.match(await world.failure(checkAndRead), { code: /^(auth-failed|denied)$/ })
    })

    t.test('that are not there name the Secret and the key', async (t) => {
      await using nowhere = await worldOf(subject, { credentials: undefined })
      const message = /cannot get Kubernetes secret "credentials" from namespace "apps"/
      t.match(await nowhere.failure(() => undefined), { code: 'auth-failed', message })
      await using without = await worldOf(subject, { credentials: {} })
      t.match(await without.failure(() => undefined), {
        code: 'auth-failed',
        message: /cannot find secret data for key: "/,
      })
    })

    t.test('are read in the namespace of the store, and of the consumer for a ClusterSecretStore', async (t) => {
      await using namespaced = await worldOf(subject)
      await using client = await namespaced.connect()
      t.equal(await client.check(signal()), 'ready')
      t.same([...namespaced.namespaces], ['apps'])
      const cluster = { kind: 'ClusterSecretStore', name: 'store' } as const
      await using referent = await worldOf(subject, { store: cluster, consumerNamespace: 'team' })
      t.match(await referent.failure(() => undefined), { code: 'auth-failed' })
      t.same([...referent.namespaces], ['team'])
      t.equal(referent.scope(), 'consumer')
      await using alone = await worldOf(subject, { store: cluster })
      t.match(await alone.failure(() => undefined), { code: 'needs-consumer' })
    })
  })

  t.test('the network', skip('network'), async (t) => {
    t.test('a redirect is refused, and its target never hears of us', async (t) => {
      const heard: IncomingMessage[] = []
      await using elsewhere = await listen((request, answer) => {
        heard.push(request)
        answer.end('{}')
      })
      await using world = await worldOf(subject, {
        listener: (_, answer) => answer.writeHead(307, { location: elsewhere.url.href }).end(),
      })
      t.match(await world.failure(readAndCheck), { code: 'unavailable' })
      t.equal(heard.length, 0)
    })

    t.test('a name that resolves to a metadata service is refused before anything is sent', async (t) => {
      await using world = await worldOf(subject, { host: 'peer.test', resolvesTo: '169.254.169.254' })
      t.match(await world.failure(readAndCheck), { code: 'unavailable', message: /the address may not be reached/ })
    })

    t.test('loopback is refused where it is not allowed, by name and by address', async (t) => {
      for (const host of ['peer.test', '127.0.0.1']) {
        await using world = await worldOf(subject, { host, resolvesTo: '127.0.0.1', allowedNetworks: [] })
        t.match(await world.failure(readAndCheck), { code: 'unavailable', message: /the address may not be reached/ })
      }
    })

    t.test('a name that resolves to an allowed address is reached', async (t) => {
      await using world = await worldOf(subject, { host: 'peer.test', resolvesTo: '127.0.0.1' })
      await using client = await world.connect()
      t.equal(text((await client.read(ref('app-db'), signal())).value('user')), 'admin')
    })

    t.test('every way to answer badly ends in an error of ours without a word of theirs', async (t) => {
      for (const [name, listener] of badAnswers) {
        await using world = await worldOf(subject, { listener })
        const error = await world.failure(readAndCheck)
        t.ok(error instanceof ProviderError, name)
        t.not(error instanceof ProviderError && error.code, 'secret-missing', name)
      }
    })

    t.test('the caller may stop waiting', async (t) => {
      await using world = await worldOf(subject, { listener: () => undefined, timeoutMs: 20_000 })
      const reason = new Error('no longer wanted')
      t.equal(
        await world.failure(
          (client) => client.read(ref('app-db'), AbortSignal.abort(reason)),
          AbortSignal.abort(reason),
        ),
        reason,
      )
    })
  })
}

/** Each repeats what it was sent, as servers do in their errors. */
const badAnswers: ReadonlyMap<string, RequestListener> = new Map<string, RequestListener>([
  ['an error that quotes the request', echo(500)],
  ['a refusal that quotes the request', echo(403)],
  ['too many requests', echo(429)],
  ['text instead of JSON', echo(200, (sent) => `<html>${sent}`)],
  ['JSON of another form', echo(200, (sent) => JSON.stringify([sent]))],
  ['an empty object', echo(200, () => '{}')],
  ['null', echo(200, () => 'null')],
  ['more than allowed', echo(200, (sent) => JSON.stringify({ data: sent.padEnd(200_000, canary) }))],
  ['a closed connection', (request) => void request.socket.destroy()],
  ['silence', () => undefined],
])

function echo(
  status: number,
  body = (sent: string) => JSON.stringify({ message: sent, errors: [sent] }),
): RequestListener {
  return (request, answer) => {
    let sent = `${JSON.stringify(request.headers)} ${canary} `
    request.on('data', (chunk: Buffer) => (sent += chunk.toString()))
    request.on('end', () => answer.writeHead(status, { 'content-type': 'application/json' }).end(body(sent)))
  }
}

async function checkAndRead(client: SecretsClient): Promise<unknown> {
  await client.check(signal())
  return client.read(ref('app-db'), signal())
}

async function readAndCheck(client: SecretsClient): Promise<unknown> {
  await client.read(ref('app-db'), signal()).then((secret) => secret.value(undefined))
  return client.check(signal())
}

interface WorldOptions extends Partial<OutboundOptions> {
  readonly store?: ConnectContext['store']
  readonly consumerNamespace?: string
  readonly credentials?: Readonly<Record<string, string>> | undefined
  readonly token?: string
  readonly listener?: RequestListener
  readonly host?: string
  readonly resolvesTo?: string
}

interface World extends AsyncDisposable {
  connect(signal?: AbortSignal): Promise<SecretsClient>
  /** How connecting or the work fails. Fails itself when the canary is in the error or in a log line. */
  failure(work: (client: SecretsClient) => unknown, signal?: AbortSignal): Promise<unknown>
  readonly namespaces: ReadonlySet<string>
  scope(): 'store' | 'consumer'
}

async function worldOf<Spec>(subject: Conformance<Spec>, options: WorldOptions = {}): Promise<World> {
  const server = await listen(options.listener ?? subject.serve(values))
  const url = new URL(server.url)
  if (options.host !== undefined) url.hostname = options.host
  const outbound = outboundFor(subject, url, options)
  const logged: string[] = []
  const namespaces = new Set<string>()
  const references = createReferences(sourcesFor(subject, options, namespaces))
  const connect = (connectSignal = signal()) =>
    subject.provider.connect(subject.spec(url, values), {
      store: options.store ?? { kind: 'SecretStore', name: 'store', namespace: 'apps' },
      references,
      outbound,
      clock: systemClock,
      log: recorder(logged),
      signal: connectSignal,
    })
  return {
    connect,
    failure: (work, connectSignal) =>
      failureOf(async () => {
        await using client = await connect(connectSignal)
        await work(client)
      }, logged),
    namespaces,
    scope: () => references.scope,
    async [Symbol.asyncDispose]() {
      await outbound[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

async function failureOf(work: () => Promise<void>, logged: readonly string[]): Promise<unknown> {
  const error: unknown = await work().then(
    () => new Error('it did not fail'),
    (failure: unknown) => failure,
  )
  const shown = [
    error instanceof Error ? `${error.message} ${error.stack}` : String(error),
    JSON.stringify(error),
    ...logged,
  ]
  return shown.join(' ').includes(canary) ? new Error('the canary is in the error or in the log') : error
}

function outboundFor<Spec>(subject: Conformance<Spec>, url: URL, options: WorldOptions): Outbound & AsyncDisposable {
  const { resolvesTo = '127.0.0.1' } = options
  return createOutbound({
    allowedNetworks: options.allowedNetworks ?? ['127.0.0.0/8'],
    timeoutMs: options.timeoutMs ?? 400,
    responseBytesMax: 100_000,
    connectionsMax: 4,
    identitiesMax: 4,
    endpoints: subject.endpoints?.(url) ?? {},
    resolve: async () => [{ address: resolvesTo, family: 4 }],
  })
}

function sourcesFor<Spec>(subject: Conformance<Spec>, options: WorldOptions, namespaces: Set<string>) {
  const credentials = 'credentials' in options ? options.credentials : subject.credentials
  const token = options.token ?? subject.token
  return {
    store: options.store ?? { kind: 'SecretStore' as const, namespace: 'apps' },
    ...(options.consumerNamespace !== undefined && { consumerNamespace: options.consumerNamespace }),
    readSecret: async ({ namespace, name }: Place) => {
      namespaces.add(namespace)
      const here = namespace === 'apps' && name === 'credentials'
      return here && credentials !== undefined ? secretObject({ namespace, name }, credentials) : undefined
    },
    readConfigMap: async () => undefined,
    requestToken: token === undefined ? undefined : async () => token,
  }
}

function secretObject({ namespace, name }: Place, texts: Readonly<Record<string, string>>): KubeObject {
  const data = Object.fromEntries(
    Object.entries(texts).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  )
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name, uid: 'u', resourceVersion: '1' }, data }
}

function wrong(credentials: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(credentials).map(([key, value]) => [key, `wrong-${value}`]))
}

function recorder(lines: string[]): Logger {
  const write = (message: string, fields?: object) => void lines.push(message, JSON.stringify(fields))
  const log: Logger = { debug: write, info: write, warn: write, error: write, child: () => log }
  return log
}

async function listen(listener: RequestListener): Promise<{ readonly url: URL } & AsyncDisposable> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: new URL(`http://127.0.0.1:${portOf(server)}`), [Symbol.asyncDispose]: () => close(server) }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

const empty = new Uint8Array()

function ref(key: string): RemoteKey {
  return { key, metadataPolicy: 'None' }
}

function signal(): AbortSignal {
  return AbortSignal.timeout(10_000)
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

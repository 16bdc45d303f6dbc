import type { Dispatcher, Pool } from 'undici'
import type { Clock } from '../base/clock.ts'
import { unlessAborted } from '../base/waiting/unless-aborted.ts'
import { OutboundError, outboundErrorOf } from '../base/outbound/outbound-error.ts'
import type { JsonObject } from '../machinery/object.ts'
import { answerError, decodedBody } from './answer.ts'
import { askingFirst } from './asking-first.ts'
import { Bearer } from './bearer.ts'
import type { CallMetrics } from './metrics/call-metrics.ts'
import type { ClusterConfig } from './cluster-config.ts'
import { Contact } from './reconnecting/contact.ts'
import { Throttle } from './throttle.ts'

/**
 * HTTP to a kube-apiserver: kept-alive HTTP/1.1 connections, so many calls at once and a second, each with a deadline.
 * Watches have connections of their own, so that no number of them keeps a call waiting. Rejects with StatusError where
 * the server answered a Status, with OutboundError where it could not be reached; nothing is retried.
 */
export interface ClusterClient extends AsyncDisposable {
  call(request: ClusterRequest): Promise<JsonObject>
  /** A GET whose body goes on; it ends with an OutboundError when the connection breaks, and when `signal` aborts. */
  stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
}

export interface ClusterRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** From the root of the API, with its query. */
  readonly path: string
  /** Bytes go as they are, all else as JSON. */
  readonly body?: unknown
  /** Of the answer; JSON when absent. */
  readonly accept?: string
  /** Of the body; JSON when absent. */
  readonly contentType?: string
  readonly signal?: AbortSignal | undefined
  /** Called when it goes onto a connection; throws to withdraw it. */
  readonly begins?: (() => void) | undefined
}

export interface ClusterClientOptions {
  readonly clock: Clock
  /** For one call, from its turn to the last byte. */
  readonly timeoutMs: number
  readonly perSecond: number
  readonly burst: number
  readonly concurrencyMax: number
  readonly responseBytesMax: number
  /** Told whether the server answers; shared by those who talk to the same one. */
  readonly contact?: Contact
  readonly metrics?: CallMetrics
}

export async function createClusterClient(
  config: ClusterConfig,
  options: ClusterClientOptions,
): Promise<ClusterClient> {
  const { clock, perSecond, burst, concurrencyMax } = options
  const { Pool } = await import('undici')
  const calls = new Pool(config.server.origin, poolOptions(config, options, concurrencyMax))
  const streams = new Pool(config.server.origin, { ...poolOptions(config, options, null), bodyTimeout: 0 })
  const wire: Wire = {
    host: config.server.host,
    basePath: config.server.pathname.replace(/\/$/, ''),
    bearer: new Bearer(config.token, clock),
    throttle: new Throttle({ clock, perSecond, burst }),
    timeoutMs: options.timeoutMs,
    contact: options.contact ?? new Contact(),
    clock,
    metrics: options.metrics,
  }
  return {
    call: (request) => call(wire, calls, request),
    stream: (path, signal) => stream(wire, streams, { path, signal }),
    async [Symbol.asyncDispose]() {
      await Promise.all([calls.destroy(), streams.destroy()])
    },
  }
}

interface Wire {
  readonly host: string
  readonly basePath: string
  readonly bearer: Bearer
  readonly throttle: Throttle
  readonly timeoutMs: number
  readonly contact: Contact
  readonly clock: Clock
  readonly metrics: CallMetrics | undefined
}

function poolOptions(config: ClusterConfig, options: ClusterClientOptions, connections: number | null): Pool.Options {
  const { authorityPem: ca, certificatePem: cert, keyPem: key, serverName: servername } = config
  const { timeoutMs, responseBytesMax } = options
  const identity = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(servername && { servername }) }
  return {
    connections,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: connections === null ? -1 : responseBytesMax,
    connect: { ...identity, timeout: timeoutMs, keepAlive: true },
  }
}

async function call(wire: Wire, pool: Pool, request: ClusterRequest): Promise<JsonObject> {
  const { method, path, body, signal, accept, contentType = 'application/json', begins } = request
  await wire.throttle.turn(signal)
  const timeout = AbortSignal.timeout(wire.timeoutMs)
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  const headers = {
    ...(await headersOf(wire)),
    ...(accept !== undefined && { accept }),
    ...(body !== undefined && { 'content-type': contentType }),
  }
  signal?.throwIfAborted()
  const startMs = wire.clock.monotonic()
  try {
    const dispatcher = begins === undefined ? pool : pool.compose(askingFirst(begins))
    const asked = dispatcher.request({
      method,
      path: wire.basePath + path,
      headers,
      body: body === undefined ? null : body instanceof Uint8Array ? body : JSON.stringify(body),
      signal: either,
    })
    // The library looks at its signal only once there is a connection.
    const answer = await unlessAborted(asked, either)
    tell(wire, answer, { method, startMs })
    return await decoded(request, answer)
  } catch (error) {
    signal?.throwIfAborted()
    const begun = { method, startMs }
    if (timeout.aborted)
      throw lost(wire, new OutboundError('timeout', `${wire.host}: no answer in ${wire.timeoutMs} ms`), begun)
    throw isOurs(error) ? error : lost(wire, outboundErrorOf(error, wire.host), begun)
  }
}

interface Begun {
  readonly method: string
  readonly startMs: number
}

/** A kube-apiserver without its etcd answers, and is as good as away. */
function tell(wire: Wire, { statusCode }: Dispatcher.ResponseData, begun: Begun): void {
  if (statusCode < 500) wire.contact.heard()
  else wire.contact.lost()
  count(wire, begun, statusCode)
}

function lost(wire: Wire, error: OutboundError, begun: Begun): OutboundError {
  wire.contact.lost()
  count(wire, begun)
  return error
}

function count({ clock, host, metrics }: Wire, { method, startMs }: Begun, code?: number): void {
  const tookMs = clock.monotonic() - startMs
  metrics?.called({ method, host, tookMs, ...(code !== undefined && { code }) })
}

interface StreamRequest {
  readonly path: string
  readonly signal: AbortSignal
}

async function stream(wire: Wire, pool: Pool, { path, signal }: StreamRequest): Promise<AsyncIterable<Uint8Array>> {
  await wire.throttle.turn(signal)
  const headers = await headersOf(wire)
  signal.throwIfAborted()
  const begun = { method: 'GET', startMs: wire.clock.monotonic() }
  try {
    const asked = pool.request({ method: 'GET', path: wire.basePath + path, headers, signal })
    const answer = await unlessAborted(asked, signal)
    tell(wire, answer, begun)
    if (answer.statusCode !== 200) await decoded({ method: 'GET', path }, answer)
    return pieces(answer.body, { host: wire.host, signal })
  } catch (error) {
    signal.throwIfAborted()
    throw isOurs(error) ? error : lost(wire, outboundErrorOf(error, wire.host), begun)
  }
}

async function headersOf({ bearer }: Wire): Promise<Record<string, string>> {
  const authorization = await bearer.header()
  return { accept: 'application/json', ...(authorization !== undefined && { authorization }) }
}

async function decoded(request: ClusterRequest, answer: Dispatcher.ResponseData): Promise<JsonObject> {
  const { statusCode: code, headers } = answer
  const bytes = new Uint8Array(await answer.body.arrayBuffer())
  if (code >= 200 && code < 300) return decodedBody(bytes, request)
  throw answerError(request, { code, body: bytes, retryAfter: String(headers['retry-after'] ?? '') })
}

interface Place {
  readonly host: string
  readonly signal: AbortSignal
}

async function* pieces(body: AsyncIterable<Uint8Array>, { host, signal }: Place): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    signal.throwIfAborted()
    throw outboundErrorOf(error, host)
  }
}

const ourErrors: ReadonlySet<string> = new Set(['StatusError', 'ClusterError', 'OutboundError'])

function isOurs(error: unknown): boolean {
  return error instanceof Error && ourErrors.has(error.name)
}

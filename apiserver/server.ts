import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Metrics } from '../base/metrics.ts'
import { serviceUnavailable } from '../machinery/status-errors.ts'
import { accessMetrics } from './authorization/access-metrics.ts'
import type { DocumentEndpoint } from './discovery/document.ts'
import { FlowControl, type FlowLimits } from './flow-control/flow-control.ts'
import type { HealthCheck } from './health/health.ts'
import {
  type App,
  type AppReply,
  type AppRequest,
  type ConnectionLimits,
  createApp,
  replaceTls,
  type TlsMaterial,
} from './http/app.ts'
import type { BodyLimits } from './http/body.ts'
import { Strangers } from './http/connection.ts'
import { OpenConnections } from './http/connections/open-connections.ts'
import { LiveRequests } from './http/live-requests.ts'
import { sendFailure } from './http/failure.ts'
import { answerMalformed } from './http/malformed.ts'
import { healthRoutes } from './http/health-routes.ts'
import { requestMetrics } from './http/request-metrics.ts'
import { apiRoutes } from './http/routes.ts'
import type { PressureLimits, Services, Steps } from './services.ts'

/**
 * The door of the API server: HTTP on one side, `dispatch` and the documents on the other. What is served stands in
 * registry/ and discovery/; who may ask is passed in.
 */
export interface ApiServer {
  /** Answers the URL. Port 0 picks one. */
  listen(host: string, port: number): Promise<string>
  /** For connections from now on; open ones keep theirs. */
  useTls(tls: TlsMaterial): void
  /** From now on `/readyz` fails while everything is still answered: whoever sends requests here can go elsewhere. */
  retire(): void
  /**
   * Takes no more connections, lets requests end, ends watches, and cuts what is left after the limit. A second call
   * waits for the first.
   */
  close(): Promise<void>
}

export interface ServerConfig extends Steps {
  readonly tls: TlsMaterial
  readonly limits: ServerLimits
  readonly metrics: Metrics
}

export interface ServerLimits extends ConnectionLimits, FlowLimits, BodyLimits {
  readonly writeTimeoutMs: number
  readonly stuckReaderMs: number
  readonly drainTimeoutMs: number
  readonly pressure: PressureLimits
}

export async function createServer(config: ServerConfig): Promise<ApiServer> {
  const retirement = { isRetired: false }
  const services = servicesOf(config, retirement)
  const fail = (error: unknown, request: AppRequest, reply: AppReply): Promise<void> =>
    sendFailure({ request, reply, limits: services.streams }, error, request.exchange?.log ?? config.log)
  const app = createApp({
    tls: config.tls,
    limits: config.limits,
    fail,
    failSocket: (error, socket) => answerMalformed(error, socket, services.streams),
  })
  app.decorateRequest('exchange', undefined)
  app.removeAllContentTypeParsers()
  // Bodies are read by the endpoints' step, after authentication and with its own limit.
  // By an expression that fits all: unlike '*' it is found again without looking into the type.
  app.addContentTypeParser(/^/, (_request, _payload, done) => done(null))
  app.setErrorHandler(fail)
  await app.register(healthRoutes(services))
  await app.register(apiRoutes(services))
  await app.ready()
  const connections = new OpenConnections({ ...config.limits, ...config })
  const strangers = new Strangers()
  follow(app, connections, strangers)
  countFailedHandshakes(app, config.metrics)
  let closing: Promise<void> | undefined
  return {
    listen: (host, port) => listen(app, host, port),
    useTls: (tls) => {
      replaceTls(app, tls)
      strangers.end()
    },
    retire: () => void (retirement.isRetired = true),
    close: () => (closing ??= close({ app, services, connections }, config.limits.drainTimeoutMs)),
  }
}

function servicesOf(config: ServerConfig, retirement: { readonly isRetired: boolean }): Services {
  const { clock, limits } = config
  const flow = new FlowControl(clock, limits, config.metrics)
  const shutdownCheck: HealthCheck = {
    name: 'shutdown',
    endpoints: ['readyz'],
    check: () => (retirement.isRetired ? 'process is shutting down' : undefined),
  }
  const access = accessMetrics(config.metrics, clock)
  return {
    ...config,
    authenticate: access.authenticated(config.authenticate),
    authorize: access.authorized(config.authorize),
    documents: new Map([...config.documents, ['/', rootDocument(config.documents)]]),
    checks: [
      { name: 'ping', endpoints: ['healthz', 'livez', 'readyz'], check: () => undefined },
      ...config.checks,
      shutdownCheck,
    ],
    flow,
    measure: requestMetrics(config.metrics, { ...config, flow }),
    pressure: limits.pressure,
    streams: { clock, stuckReaderMs: limits.stuckReaderMs },
    bodies: limits,
    live: new LiveRequests(clock, limits),
    state: { isStopping: false },
  }
}

function rootDocument(documents: ReadonlyMap<string, DocumentEndpoint>): DocumentEndpoint {
  const paths = [...documents.keys(), '/healthz', '/livez', '/readyz'].sort()
  return () => ({ type: 'object', code: 200, object: { paths } })
}

async function listen(app: App, host: string, port: number): Promise<string> {
  await app.listen({ host, port })
  const address = app.server.address() as AddressInfo
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `https://${shownHost}:${address.port}`
}

function follow(app: App, connections: OpenConnections, strangers: Strangers): void {
  app.server.on('connection', (socket: Socket) => {
    connections.add(socket)
    strangers.opened(socket)
  })
  app.server.on('secureConnection', (socket: TLSSocket) => {
    strangers.judged(socket)
    if (socket.authorized) connections.certified(socket)
  })
}

function countFailedHandshakes(app: App, metrics: Metrics): void {
  const failed = metrics.counter('apiserver_tls_handshake_errors_total', 'Connections that ended before TLS began.')
  const count = failed.of({})
  app.server.on('tlsClientError', () => count.add())
}

interface Running {
  readonly app: App
  readonly services: Services
  readonly connections: OpenConnections
}

const shuttingDown = serviceUnavailable('apiserver is shutting down')

async function close({ app, services, connections }: Running, drainTimeoutMs: number): Promise<void> {
  services.state.isStopping = true
  const closed = app.close()
  services.live.endLongRunning(shuttingDown)
  const isIdle = await services.live.drained(drainTimeoutMs)
  if (!isIdle) services.log.warn('requests were cut off', { count: services.live.count })
  connections.end()
  await closed
}

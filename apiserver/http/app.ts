import { constants, randomUUID } from 'node:crypto'
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import {
  fastify,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteGenericInterface,
} from 'fastify'
import type { Exchange } from './exchange.ts'
import { WholeResponse } from './sending/whole-response.ts'

/** Over HTTP/1.1 the raw request and response are those of node:http; connection.ts and stream.ts tell them apart. */
export type App = FastifyInstance<Http2SecureServer, Http2ServerRequest, Http2ServerResponse>
export type AppRequest = FastifyRequest<RouteGenericInterface, Http2SecureServer, Http2ServerRequest>
export type AppReply = FastifyReply<RouteGenericInterface, Http2SecureServer, Http2ServerRequest, Http2ServerResponse>

declare module 'fastify' {
  interface FastifyRequest {
    /** Absent while a request is refused whose path could not be read. */
    exchange: Exchange | undefined
  }
}

export interface TlsMaterial {
  readonly certificatePem: string
  readonly keyPem: string
  /** PEM bundle of every authority that client certificates may come from. */
  readonly clientAuthorityPem: string
}

export interface ConnectionLimits {
  readonly connectionsMax: number
  readonly addressConnectionsMax: number
  readonly headerBytesMax: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly streamsPerConnectionMax: number
}

export interface AppConfig {
  readonly tls: TlsMaterial
  readonly limits: ConnectionLimits
  readonly fail: (error: unknown, request: AppRequest, reply: AppReply) => Promise<void>
  /** Bytes that are no request have come. */
  readonly failSocket: (error: NodeJS.ErrnoException, socket: Socket) => void
}

/** Without these Fastify loads two compilers of schemas, a tenth of a start. */
const noCompilers = { buildValidator: noSchemas, buildSerializer: noSchemas }

function noSchemas(): never {
  throw new Error('no route has a schema')
}

/** HTTP/1.1 and HTTP/2 on one TLS port. Paths are matched whole, by routes.ts: Fastify parses and redirects nothing. */
export function createApp({ tls, limits, fail, failSocket }: AppConfig): App {
  const app: App = fastify({
    schemaController: { compilersFactory: noCompilers },
    http2: true,
    https: {
      ...secureContext(tls),
      allowHTTP1: true,
      noDelay: true,
      Http2ServerResponse: WholeResponse,
      minVersion: 'TLSv1.2',
      // Certificates are asked for and judged by authentication: an unknown one must not end the handshake.
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: handshakeTimeoutMs,
      maxSessionMemory: sessionMemoryMb,
      // A user of many groups comes with a header for each; their bytes are limited below.
      maxHeaderListPairs: headerPairsMax,
      settings: {
        maxConcurrentStreams: limits.streamsPerConnectionMax,
        initialWindowSize: 256 * 1024,
        maxHeaderListSize: limits.headerBytesMax,
      },
    },
    http2SessionTimeout: sessionTimeoutMs,
    clientErrorHandler: failSocket,
    // Paths that the router cannot read reach no hook.
    frameworkErrors: (error, request, reply) => void fail(error, request, reply),
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { maxParamLength: limits.headerBytesMax, ignoreTrailingSlash: false, caseSensitive: true },
    genReqId: (raw) => auditIdOf(raw.headers['audit-id']),
    logger: false,
  })
  limitConnections(app.server, limits)
  return app
}

/** All three together: key and certificate alone would take the trust in client certificates away. */
export function replaceTls(app: App, tls: TlsMaterial): void {
  app.server.setSecureContext(secureContext(tls))
}

function secureContext(tls: TlsMaterial): Pick<SecureContextOptions, 'cert' | 'key' | 'ca' | 'secureOptions'> {
  // No session is resumed: it would keep the judgement of its first handshake, and lose what stood between a client's
  // certificate and its authority.
  const secureOptions = constants.SSL_OP_NO_TICKET
  return { cert: tls.certificatePem, key: tls.keyPem, ca: tls.clientAuthorityPem, secureOptions }
}

/** The aggregator sends its own, so that both audit logs speak of the same request. */
function auditIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[\x21-\x7e]{1,256}$/.test(header) ? header : randomUUID()
}

const handshakeTimeoutMs = 10_000
/** Of 500 streams with large lists on one connection; the default of 10 MB refuses streams far earlier. */
const sessionMemoryMb = 256
const headerPairsMax = 2000
/** A connection on which nothing moves for this long says goodbye; its streams go on. */
const sessionTimeoutMs = 600_000
const keepAliveProbeMs = 30_000
/** By so much node:http waits longer than we do: the answer to a late request is ours. */
const lastResortMs = 5_000
const closingMax = 256

/** node:http's limits hold for HTTP/1.1 here too, though the types of node:http2 do not say so. */
function limitConnections(server: Http2SecureServer, limits: ConnectionLimits): void {
  // The limit is ours (connections/): node:net turns the newest away. What was closed for it counts a moment longer.
  server.maxConnections = limits.connectionsMax + closingMax
  Object.assign(server, {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: Math.max(limits.requestTimeoutMs, limits.headersTimeoutMs) + lastResortMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: 1_000,
  })
  // A peer that vanished without a word is found by TCP's own probes.
  server.on('secureConnection', (socket: Socket) => socket.setKeepAlive(true, keepAliveProbeMs))
}

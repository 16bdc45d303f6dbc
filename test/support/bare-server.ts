import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditTrail } from '../../apiserver/audit/audit-trail.ts'
import type { Authenticator } from '../../apiserver/authentication/authenticator.ts'
import { CertificatePool } from '../../apiserver/authentication/certificate-pool.ts'
import { clientCertificates } from '../../apiserver/authentication/client-certificate.ts'
import { impersonation } from '../../apiserver/authentication/impersonation.ts'
import { parseTokenFile, staticTokens } from '../../apiserver/authentication/static-tokens.ts'
import { union } from '../../apiserver/authentication/union.ts'
import {
  anybodyMayRead,
  type Authorizer,
  firstOpinion,
  mastersMayEverything,
} from '../../apiserver/authorization/authorizer.ts'
import type { KeyPair } from '../../apiserver/certificates/authority.ts'
import { keyPairFiles } from '../../apiserver/certificates/certificate-files.ts'
import { SelfMadeCertificates } from '../../apiserver/certificates/self-made.ts'
import type { ApiRequest, ApiResponse } from '../../apiserver/endpoints/endpoint.ts'
import { type ApiServer, createServer, type ServerLimits } from '../../apiserver/server.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { LogFields, Logger } from '../../base/log.ts'
import { Metrics } from '../../base/metrics.ts'
import { ApiClient } from './api-client.ts'

/** The whole of HTTP, identities and limits, in front of a dispatch of the test's own. */
export interface BareServer extends AsyncDisposable {
  readonly server: ApiServer
  readonly url: string
  readonly metrics: Metrics
  readonly certificates: SelfMadeCertificates
  readonly logged: readonly string[]
  readonly admin: ApiClient
  /** With another client certificate, or none. */
  client(pair?: KeyPair): ApiClient
}

export interface BareServerOptions {
  readonly dispatch: (request: ApiRequest) => Promise<ApiResponse>
  readonly limits?: Partial<ServerLimits>
  readonly tokens?: string
  /** Whom to allow what, beside members of system:masters. */
  readonly authorize?: Authorizer
  readonly clock?: Clock
  /** Instead of the one of standalone mode. */
  readonly authenticate?: Authenticator
  /** Further authorities that TLS takes client certificates from. */
  readonly moreAuthoritiesPem?: string
  readonly audit?: (metrics: Metrics) => AuditTrail
}

const limits: ServerLimits = {
  connectionsMax: 100,
  addressConnectionsMax: 0,
  headerBytesMax: 64 * 1024,
  headersTimeoutMs: 1_000,
  requestTimeoutMs: 60_000,
  writeTimeoutMs: 34_000,
  idleTimeoutMs: 90_000,
  streamsPerConnectionMax: 1000,
  readOnlyInFlightMax: 100,
  mutatingInFlightMax: 100,
  userQueueLengthMax: 100,
  queueLengthMax: 1000,
  queueWaitMs: 15_000,
  watchesMax: 100,
  userWatchesMax: 100,
  bodyBytesMax: 64 * 1024,
  bodyGraceMs: 10_000,
  bodyBytesPerSecondMin: 1024,
  stuckReaderMs: 30_000,
  drainTimeoutMs: 5_000,
  pressure: { maxEventLoopDelay: 0, maxHeapUsedBytes: 0 },
}

export async function startBareServer(options: BareServerOptions): Promise<BareServer> {
  const directory = mkdtempSync(join(tmpdir(), 'bare-server-'))
  const certificates = await SelfMadeCertificates.open({
    pairs: keyPairFiles(directory),
    clock: systemClock,
    authorityDays: 10,
    leafDays: 5,
  })
  const metrics = new Metrics()
  const logged: string[] = []
  const serving = await certificates.serving(['localhost', '127.0.0.1'])
  const authorize = firstOpinion([
    mastersMayEverything,
    anybodyMayRead(['/version']),
    ...(options.authorize ? [options.authorize] : []),
  ])
  const server = await createServer({
    tls: {
      ...serving,
      clientAuthorityPem: `${certificates.authorityCertificate}\n${options.moreAuthoritiesPem ?? ''}`,
    },
    authenticate: impersonation(
      options.authenticate ?? authenticatorOf(options.tokens ?? '', { certificates, metrics }),
      authorize,
    ),
    authorize,
    publicPaths: ['/version'],
    documents: new Map([['/version', () => ({ type: 'object', code: 200, object: { major: '1' } })]]),
    resources: [{ group: 'example.com', version: 'v1', resource: 'widgets', subresource: '' }],
    dispatch: options.dispatch,
    checks: [],
    audit: options.audit?.(metrics),
    limits: { ...limits, ...options.limits },
    clock: options.clock ?? systemClock,
    log: memoryLog(logged),
    metrics,
  })
  const url = await server.listen('127.0.0.1', 0)
  const ca = certificates.authorityCertificate
  const clients: ApiClient[] = []
  const client = (pair?: KeyPair): ApiClient => {
    const made = new ApiClient(url, { ca, ...(pair && { cert: pair.certificatePem, key: pair.keyPem }) })
    clients.push(made)
    return made
  }
  const admin = client(await certificates.client('admin', ['system:masters']))
  const end = async (): Promise<void> => {
    for (const each of clients) await each[Symbol.asyncDispose]()
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return { server, url, metrics, certificates, logged, admin, client, [Symbol.asyncDispose]: end }
}

interface Around {
  readonly certificates: SelfMadeCertificates
  readonly metrics: Metrics
}

function authenticatorOf(tokens: string, { certificates, metrics }: Around): Authenticator {
  const authorities = CertificatePool.parse(certificates.authorityCertificate)
  return union([
    clientCertificates({ clock: systemClock, metrics }, () => authorities),
    staticTokens(parseTokenFile(tokens)),
  ])
}

function memoryLog(lines: string[]): Logger {
  const write = (message: string, fields?: LogFields): void =>
    void lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const log: Logger = { debug: write, info: write, warn: write, error: write, child: () => log }
  return log
}

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { admissionChain } from '../apiserver/admission/admission.ts'
import { CreationGate } from '../apiserver/admission/creation-gate.ts'
import { namespaceLifecycle } from '../apiserver/admission/namespace-lifecycle.ts'
import { objectSize } from '../apiserver/admission/object-size.ts'
import type { TlsMaterial } from '../apiserver/http/app.ts'
import { CertificatePool } from '../apiserver/authentication/certificate-pool.ts'
import { clientCertificates } from '../apiserver/authentication/client-certificate.ts'
import { impersonation } from '../apiserver/authentication/impersonation.ts'
import { staticTokens } from '../apiserver/authentication/static-tokens.ts'
import { union } from '../apiserver/authentication/union.ts'
import { anybodyMayRead, firstOpinion, mastersMayEverything } from '../apiserver/authorization/authorizer.ts'
import type { KeyPair } from '../apiserver/certificates/authority.ts'
import { renewServing } from '../apiserver/certificates/renewal.ts'
import { SelfMadeCertificates } from '../apiserver/certificates/self-made.ts'
import { expiry } from '../apiserver/controllers/expiry.ts'
import { garbageCollector } from '../apiserver/controllers/garbage-collector.ts'
import { namespaceDeletion } from '../apiserver/controllers/namespace-deletion.ts'
import { discoveryDocuments } from '../apiserver/discovery/documents.ts'
import { dispatch } from '../apiserver/endpoints/dispatch.ts'
import { Startup } from '../apiserver/endpoints/startup.ts'
import { storedCodec } from '../apiserver/registry/codec.ts'
import { namespaceStates } from '../apiserver/registry/namespace-states.ts'
import { systemRandomness } from '../apiserver/registry/randomness.ts'
import { type Registries, registriesOf } from '../apiserver/registry/registries.ts'
import type { KindDeclaration, LiveValues } from '../apiserver/registry/kind.ts'
import { createRegistry, type Registry } from '../apiserver/registry/registry.ts'
import { kindRange } from '../apiserver/registry/store-key.ts'
import { type ApiServer, createServer } from '../apiserver/server.ts'
import type { Clock } from '../base/clock.ts'
import { createOutbound } from '../base/http.ts'
import type { Logger } from '../base/log.ts'
import { Metrics } from '../base/metrics.ts'
import type { Shutdown } from '../base/shutdown.ts'
import { coreKinds, kinds, testKinds } from '../kinds/catalog.gen.ts'
import { loadProvider } from '../providers/catalog.gen.ts'
import type { Backend } from '../storage/backend.ts'
import { openStorage } from '../storage/cached-store.ts'
import { identifyStore } from '../storage/identity.ts'
import { openBackend } from '../storage/open.ts'
import { createSyncer } from '../syncer/syncer.ts'
import { ensureNamespaces } from './parts/first-namespaces.ts'
import {
  backendOptions,
  cacheOptions,
  certificateOptions,
  outboundOptions,
  serverLimits,
  servingHosts,
  syncerOptions,
} from './parts/limits.ts'
import type { Options } from './options.ts'
import { clientOf, syncerClients } from './parts/local-clients.ts'
import { metricsDocument } from './parts/metrics-document.ts'
import { readTokens } from './parts/token-file.ts'
import { serverVersion } from './version.ts'

/**
 * Every object of the program, built once: the store, the socket, and what lies between and beside them when that is
 * opened. No logic.
 */
export async function wire(around: Surroundings): Promise<Program> {
  const { options, clock, log, shutdown } = around
  const metrics = new Metrics()
  const startup = new Startup()
  const served = [...kinds, ...coreKinds, ...(options.enableTestKinds ? testKinds : [])]
  const backend = await openStore(around)

  const certificates = await SelfMadeCertificates.open(certificateOptions(options, clock))
  const serving = (): Promise<KeyPair> => certificates.serving(servingHosts(options))
  const firstServing = await serving()
  const tlsOf = (pair: KeyPair): TlsMaterial => ({ ...pair, clientAuthorityPem: certificates.authorityCertificate })
  const clientAuthorities = CertificatePool.parse(certificates.authorityCertificate)
  const authenticate = union([
    clientCertificates(clock, () => clientAuthorities),
    staticTokens(await readTokens(options)),
  ])
  const authorize = firstOpinion([mastersMayEverything, anybodyMayRead(publicPaths)])
  const server = await createServer({
    tls: tlsOf(firstServing),
    authenticate: impersonation(authenticate, authorize),
    authorize,
    publicPaths,
    documents: new Map([...discoveryDocuments(served, serverVersion()), ['/metrics', metricsDocument(metrics)]]),
    dispatch: startup.dispatch,
    checks: [startup.check, { name: 'store', endpoints: ['readyz'], check: () => backend.failure?.() }],
    limits: serverLimits(options),
    clock,
    log,
    metrics,
  })
  shutdown.onEnd('server', () => server.close())
  const renewal = { clock, log, periodMs: options.certificateCheckInterval, first: firstServing, current: serving }
  const use = (pair: KeyPair): void => server.useTls(tlsOf(pair))
  shutdown.runs('renewal', { run: (signal) => renewServing({ ...renewal, use }, signal) })
  return { server, certificates, open: () => open(around, { backend, served, server, startup }) }
}

interface Begun {
  readonly backend: Backend
  readonly served: readonly KindDeclaration[]
  readonly server: ApiServer
  readonly startup: Startup
}

/** The objects, loaded from the store, and the syncer. */
async function open(around: Surroundings, { backend, served, server, startup }: Begun): Promise<Opened> {
  const { options, clock, log, shutdown } = around
  const gate = new CreationGate()
  const live = { lastSyncTime: (uid: string) => syncer.live.lastSyncTime(uid) }
  const registries = await openRegistries(around, { backend, served, gate, live })
  // Requests end before the objects that they are about, although the server was there first.
  shutdown.onEnd('requests', () => server.close())
  await ensureNamespaces(clientOf(registries, '', 'namespaces'))

  const outbound = createOutbound(outboundOptions(options))
  shutdown.onEnd('outbound', () => outbound[Symbol.asyncDispose]())
  const clients = syncerClients(registries)
  const syncer = createSyncer({
    clients,
    loadProvider,
    outbound,
    clock,
    random: randomBytes,
    log,
    options: syncerOptions(options),
  })
  const lifetimesMs = { 'event-ttl': options.eventTtl }
  startup.end((request) => dispatch(registries, request))
  const run = (): void => {
    shutdown.runs('garbage collector', garbageCollector({ registries, clock }))
    shutdown.runs('namespace deletion', namespaceDeletion({ registries, clock, gate }))
    shutdown.runs('expiry', expiry({ registries, clock, lifetimesMs }))
    shutdown.runs('syncer', syncer)
  }
  return { run }
}

async function openStore({ options, clock, log, shutdown }: Surroundings): Promise<Backend> {
  const backend = await openBackend(backendOptions(options, join(options.dataDir, 'store'), { clock, log }))
  shutdown.onEnd('store', () => backend[Symbol.asyncDispose]())
  const identity = await identifyStore(backend, { newUid: () => systemRandomness.uuid() })
  log.info('store opened', { uid: identity.uid, epoch: identity.epoch })
  return backend
}

interface Served {
  readonly backend: Backend
  readonly served: readonly KindDeclaration[]
  readonly gate: CreationGate
  readonly live: LiveValues
}

/** A registry for each kind, over the one store. */
async function openRegistries(around: Surroundings, { backend, served, gate, live }: Served): Promise<Registries> {
  const { options, clock, log, shutdown } = around
  const lifecycle = namespaceLifecycle({ stateOf: (namespace) => namespaceStates(registries)(namespace), gate })
  const admission = admissionChain([lifecycle, objectSize(options.maxObjectBytes)])
  const open = async (kind: KindDeclaration): Promise<Registry> => {
    const cache = { ...cacheOptions(options, { clock, log }), range: kindRange(kind), codec: storedCodec(kind) }
    const storage = await openStorage(backend, cache)
    shutdown.onEnd(kind.names.plural, () => storage[Symbol.asyncDispose]())
    const { minRequestTimeout: minRequestTimeoutMs } = options
    return createRegistry({ kind, storage, clock, random: systemRandomness, admission, live, minRequestTimeoutMs })
  }
  const registries: Registries = registriesOf(await Promise.all(served.map(open)))
  return registries
}

export interface Surroundings {
  readonly options: Options
  readonly clock: Clock
  readonly log: Logger
  readonly shutdown: Shutdown
}

export interface Program {
  readonly server: ApiServer
  readonly certificates: SelfMadeCertificates
  /** Loads what is served: until then the server answers 503, and only probes and discovery. */
  open(): Promise<Opened>
}

export interface Opened {
  /** Starts everything that looks at all objects: to be called when the server is ready. */
  run(): void
}

const publicPaths = ['/version']

import { join } from 'node:path'
import { admissionChain } from '../apiserver/admission/admission.ts'
import { admissionMetrics } from '../apiserver/admission/admission-metrics.ts'
import { CreationGate } from '../apiserver/admission/creation-gate.ts'
import { namespaceLifecycle } from '../apiserver/admission/namespace-lifecycle.ts'
import { archiveBody, archiveEndpoint, archiveResource, archiveRights } from '../apiserver/archive/archive-endpoint.ts'
import { type ReferenceRights, referenceRights } from '../apiserver/admission/reference-rights.ts'
import { objectSize } from '../apiserver/admission/object-size.ts'
import type { TlsMaterial } from '../apiserver/http/app.ts'
import { impersonation } from '../apiserver/authentication/impersonation.ts'
import type { KeyPair } from '../apiserver/certificates/authority.ts'
import { renewServing } from '../apiserver/certificates/renewal.ts'
import { discoveryDocuments } from '../apiserver/discovery/documents.ts'
import { servedResources } from '../apiserver/discovery/served-resources.ts'
import { dispatch } from '../apiserver/endpoints/dispatch.ts'
import { reviewEndpoint } from '../apiserver/endpoints/review.ts'
import { Startup } from '../apiserver/endpoints/startup.ts'
import { storedCodec } from '../apiserver/registry/codec.ts'
import { systemRandomness } from '../apiserver/registry/randomness.ts'
import { type Registries, registriesOf } from '../apiserver/registry/registries.ts'
import type { KindDeclaration, LiveValues } from '../apiserver/registry/kind.ts'
import { watchMetrics } from '../apiserver/registry/reads/watch-metrics.ts'
import { createRegistry, type Registry } from '../apiserver/registry/registry.ts'
import { kindRange } from '../apiserver/registry/store-key.ts'
import { type ApiServer, createServer } from '../apiserver/server.ts'
import { kinds, testKinds } from '../kinds/catalog.gen.ts'
import type { Backend } from '../storage/backend.ts'
import { openStorage } from '../storage/cached-store.ts'
import { openBackend } from '../storage/open.ts'
import type { Host, KeptStore, Surroundings } from './hosts/host.ts'
import { standaloneHost } from './hosts/standalone-host.ts'
import { backendOptions, cacheOptions, serverLimits, servingHosts } from './parts/limits.ts'
import { openAuditTrail } from './parts/audit-trail.ts'
import { localClients } from './parts/local-clients.ts'
import { archivePlace, storeArchive } from './parts/store-archive.ts'
import { metricsDocument } from './parts/metrics-document.ts'
import { publicPaths } from './parts/public-paths.ts'
import { syncingHere } from './parts/syncing-here.ts'
import { useRights } from './parts/admission/use-right.ts'
import { answerersOf } from './parts/verbs/answerers.ts'
import { serverVersion } from './version.ts'

/**
 * Every object of the program, built once: the store, the socket, and what lies between and beside them when that is
 * opened. No logic.
 */
export async function wire(around: Surroundings): Promise<Program> {
  const { options, clock, log, metrics, shutdown } = around
  const startup = new Startup()
  const host = await openHost(around)
  const served = [...kinds, ...host.moreKinds, ...(options.enableTestKinds ? testKinds : [])]
  const store = await host.keep(await openStore(around))

  const current = (): Promise<KeyPair> => host.certificates.serving([...servingHosts(options), ...host.servingNames])
  let serving = await current()
  const tls = (): TlsMaterial => ({ ...serving, clientAuthorityPem: host.authoritiesPem() })
  const audit = await openAuditTrail(around)
  const server = await createServer({
    audit,
    tls: tls(),
    authenticate: impersonation(host.authenticate, host.authorize),
    authorize: archiveRights(archivePlace, host.authorize),
    bodyBytesMaxOf: archiveBody(archivePlace, options.maxSnapshotBytes),
    publicPaths,
    documents: new Map([...discoveryDocuments(served, serverVersion()), ['/metrics', metricsDocument(metrics)]]),
    resources: [...servedResources(served), archiveResource(archivePlace)],
    dispatch: startup.dispatch,
    checks: [
      startup.check,
      { name: 'store', endpoints: ['readyz'], check: () => store.backend.failure?.() },
      ...store.checks,
    ],
    limits: serverLimits(options),
    clock,
    log,
    metrics,
  })
  shutdown.onEnd('server', () => server.close())
  const renewal = { clock, log, periodMs: options.certificateCheckInterval, first: serving, current }
  const useTls = (): void => server.useTls(tls())
  const use = (pair: KeyPair): void => {
    serving = pair
    useTls()
  }
  shutdown.runs('renewal', { run: (signal) => renewServing({ ...renewal, use }, signal) })
  host.follow(useTls)
  const begun = { store, served, server, startup, host }
  return { server, open: () => open(around, begun) }
}

/** The cluster's part of the program is loaded where there is a cluster. */
async function openHost(around: Surroundings): Promise<Host> {
  if (!around.options.aggregated) return standaloneHost(around)
  const { aggregatedHost } = await import('./hosts/aggregated-host.ts')
  return aggregatedHost(around)
}

interface Begun {
  readonly store: KeptStore
  readonly served: readonly KindDeclaration[]
  readonly server: ApiServer
  readonly startup: Startup
  readonly host: Host
}

/** A store that is refused is opened when it is accepted; until then it is not served and nothing is synchronized. */
async function open(around: Surroundings, begun: Begun): Promise<Opened> {
  const { store, startup } = begun
  if (store.refusal() === undefined) return openAdmitted(around, begun)
  const { host, served } = begun
  const archive = archiveEndpoint(archivePlace, storeArchive({ store, kinds: served, host, log: around.log }))
  startup.waits(() => store.refusal(), archive)
  const run = async (signal: AbortSignal): Promise<void> => {
    await store.admitted(signal)
    if (!signal.aborted) (await openAdmitted(around, begun)).run()
  }
  return { run: () => around.shutdown.runs('refused store', { run }) }
}

/** The objects, loaded from the store, and the syncer. */
async function openAdmitted(around: Surroundings, begun: Begun): Promise<Opened> {
  const { store, served, server, startup, host } = begun
  const { options, log, shutdown } = around
  const gate = new CreationGate()
  const live = { lastSyncTime: (uid: string) => syncing.live.lastSyncTime(uid) }
  const rights = referenceRights({ mode: options.authorizeReferences, authorize: host.authorize })
  const registries = await openRegistries(around, { backend: store.backend, served, gate, live, host, rights })
  // Requests end before the objects that they are about, although the server was there first.
  shutdown.onEnd('requests', () => server.close())
  await host.prepare(registries)

  const mayUse = useRights(registries, rights)
  const syncing =
    'work' in host.syncing
      ? host.syncing
      : syncingHere(around, {
          ...host.syncing,
          clients: host.syncing.clients(localClients(registries)),
          mayUse,
        })
  const answerers = answerersOf({ registries, authorize: host.authorize, verbs: syncing.verbs, mayUse })
  const review = reviewEndpoint(served, { powers: host.reviewPowers, answerers })
  const archive = archiveEndpoint(archivePlace, storeArchive({ store, kinds: served, host, log }))
  startup.end((request) => archive(request) ?? review(request) ?? dispatch(registries, request))
  const run = (): void => {
    host.run({ registries, gate })
    shutdown.runs('syncer', syncing.work)
  }
  return { run }
}

async function openStore({ options, clock, log, shutdown }: Surroundings): Promise<Backend> {
  const backend = await openBackend(backendOptions(options, join(options.dataDir, 'store'), { clock, log }))
  shutdown.onEnd('store', () => backend[Symbol.asyncDispose]())
  return backend
}

interface Served {
  readonly backend: Backend
  readonly served: readonly KindDeclaration[]
  readonly gate: CreationGate
  readonly live: LiveValues
  readonly host: Host
  readonly rights: ReferenceRights
}

/** A registry for each kind, over the one store. */
async function openRegistries(
  around: Surroundings,
  { backend, served, gate, live, host, rights }: Served,
): Promise<Registries> {
  const { options, clock, log, metrics, shutdown } = around
  const lifecycle = namespaceLifecycle({ stateOf: (namespace) => host.namespaceState(registries, namespace), gate })
  const checks = [lifecycle, ...host.checks(() => registries), objectSize(options.maxObjectBytes)]
  const admission = admissionChain(checks, admissionMetrics(metrics, clock))
  const events = watchMetrics(metrics)
  const open = async (kind: KindDeclaration): Promise<Registry> => {
    const cache = { ...cacheOptions(options, { clock, log }), range: kindRange(kind), codec: storedCodec(kind) }
    const storage = await openStorage(backend, cache)
    shutdown.onEnd(kind.names.plural, () => storage[Symbol.asyncDispose]())
    const { minRequestTimeout: minRequestTimeoutMs } = options
    const asked = { admission, watchMetrics: events, referenceRights: rights, live, minRequestTimeoutMs }
    return createRegistry({ kind, storage, clock, random: systemRandomness, ...asked })
  }
  const kept = served.filter(({ review }) => review === undefined)
  const registries: Registries = registriesOf(await Promise.all(kept.map(open)))
  return registries
}

export interface Program {
  readonly server: ApiServer
  /** Loads what is served: until then the server answers 503, and only probes and discovery. */
  open(): Promise<Opened>
}

export interface Opened {
  /** Starts everything that looks at all objects: to be called when the server is ready. */
  run(): void
}

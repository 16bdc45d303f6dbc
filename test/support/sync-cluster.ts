import { randomBytes } from 'node:crypto'
import { useRights } from '../../cmd/parts/admission/use-right.ts'
import type { ReferenceRights } from '../../apiserver/admission/reference-rights.ts'
import { localClient } from '../../apiserver/registry/local-client.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { Outbound } from '../../base/http.ts'
import { Metrics } from '../../base/metrics.ts'
import { silentLogger } from '../../base/log.ts'
import { coreKinds, kinds } from '../../kinds/catalog.gen.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { loadProvider } from '../../providers/catalog.gen.ts'
import type { Provider } from '../../providers/provider.ts'
import type { SyncerOptions } from '../../syncer/options.ts'
import { createSyncer, type Syncer, type SyncerConfig } from '../../syncer/syncer.ts'
import { admin, type Body, openLocalApi, type LocalApi } from './local-api.ts'

const syncerDefaults: SyncerOptions = {
  controllerClass: 'default',
  workers: 64,
  storeRequeueIntervalMs: 300_000,
  refreshTimeGranularityMs: 3_600_000,
  valueAgeMaxMs: 10_000,
  valueCacheBytesMax: 64 * 1024 * 1024,
  storeConcurrency: 16,
  storeCallsPerSecond: 0,
  providerTimeoutMs: 30_000,
  clientIdleMs: 600_000,
  retryFirstMs: 1000,
  retryMaxMs: 420_000,
  storeGraceMs: 10_000,
  driftCheckIntervalMs: 300_000,
  storeProbeMaxMs: 1000,
  storeOutageGraceMs: 120_000,
  eventsWaitingMax: 20_000,
  missingConfirmationMs: 10_000,
  deletionBrakeCount: 50,
  deletionBrakePercent: 10,
  keepsGeneratorState: true,
  generatorGraceMs: 120_000,
  adoption: 'annotated',
}

interface SyncClusterOptions {
  readonly clock?: Clock
  readonly options?: Partial<SyncerOptions>
  readonly loadProvider?: (name: string) => Promise<Provider<unknown> | undefined>
  /** Secrets are neither listed nor watched. */
  readonly byName?: boolean
  /** ConfigMaps may be targets. */
  readonly genericTargets?: boolean
  readonly referenceRights?: ReferenceRights
  /** The way to generators; absent: there is none. */
  readonly outbound?: Outbound
  /** Stands between the syncer and a client of the API, to count or to refuse. */
  readonly between?: <T extends KubeObject>(plural: string, client: ResourceClient<T>) => ResourceClient<T>
}

/** Everything but HTTP: the API over storage in memory and the syncer on it. */
export interface SyncCluster extends AsyncDisposable {
  readonly api: LocalApi
  readonly syncer: Syncer
  readonly config: SyncerConfig
  /** Starts the syncer; a second one begins anew. */
  start(): void
  stop(): Promise<void>
  /** Creates objects of manifests, in order; each must be taken. */
  apply(...manifests: readonly Manifest[]): Promise<void>
  patch(path: string, merge: unknown): Promise<Body>
  read(path: string): Promise<Body>
}

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [member: string]: unknown }
  readonly [member: string]: unknown
}

export async function openSyncCluster({
  clock = systemClock,
  options,
  loadProvider: load = loadProvider,
  referenceRights,
  between = (_, client) => client,
  byName = false,
  genericTargets = false,
  outbound = nowhere,
}: SyncClusterOptions = {}): Promise<SyncCluster> {
  const api = await openLocalApi({
    kinds: [...kinds, ...coreKinds],
    clock,
    ...(referenceRights && { referenceRights }),
  })
  const client = <T extends KubeObject>(plural: string): ResourceClient<T> => {
    const registry = api.registries.all.find(({ kind }) => kind.names.plural === plural)
    if (registry === undefined) throw new Error(`no ${plural}`)
    return between(plural, localClient<T>(registry, admin))
  }
  const metrics = new Metrics()
  const config: SyncerConfig = {
    clients: {
      externalSecrets: client('externalsecrets'),
      secretStores: client('secretstores'),
      clusterSecretStores: client('clustersecretstores'),
      secrets: client('secrets'),
      configMaps: client('configmaps'),
      namespaces: client('namespaces'),
      serviceAccounts: client('serviceaccounts'),
      generatorStates: client('generatorstates'),
      generators: (plural) => client(plural),
      events: client('events'),
      ...(byName && { mayWatchSecrets: () => Promise.resolve(false) }),
      ...(genericTargets && {
        targetResources: async ({ kind }) =>
          kind === 'ConfigMap' ? { client: client('configmaps'), mayWatch: () => Promise.resolve(!byName) } : undefined,
      }),
    },
    loadProvider: load,
    ...(referenceRights && { mayUse: useRights(api.registries, referenceRights) }),
    outbound,
    clock,
    random: randomBytes,
    log: silentLogger,
    metrics,
    options: { ...syncerDefaults, ...options },
  }
  await created(api, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } })
  let syncer = createSyncer(config)
  let end = new AbortController()
  let running = Promise.resolve()
  const stop = async (): Promise<void> => {
    end.abort()
    await running
  }
  return {
    api,
    get syncer() {
      return syncer
    },
    config,
    start: () => {
      syncer = createSyncer(config)
      end = new AbortController()
      running = syncer.run(end.signal)
    },
    stop,
    apply: async (...manifests) => {
      for (const manifest of manifests) await created(api, manifest)
    },
    patch: async (path, merge) => {
      const headers = { 'content-type': 'application/merge-patch+json' }
      const answer = await api.call(`PATCH ${path}?fieldManager=fixture`, { body: merge, headers })
      if (answer.code >= 400) throw new Error(`PATCH ${path}: ${answer.text}`)
      return answer.body
    },
    read: async (path) => (await api.call(`GET ${path}`)).body,
    [Symbol.asyncDispose]: async () => {
      await stop()
      await api[Symbol.asyncDispose]()
    },
  }
}

const nowhere: Outbound = {
  fetch: () => Promise.reject(new Error('no network here')),
  endpoints: {},
}

async function created(api: LocalApi, manifest: Manifest): Promise<void> {
  const { apiVersion, kind, metadata } = manifest
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`
  const answer = await api.call(`POST ${root}${scope}/${kind.toLowerCase()}s?fieldManager=fixture`, { body: manifest })
  if (answer.code >= 400) throw new Error(`POST ${kind} ${metadata.name}: ${answer.text}`)
}

import type { Clock } from '../base/clock.ts'
import { Gate } from '../base/waiting/gate.ts'
import type { Outbound } from '../base/http.ts'
import type { Logger } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { onAbort } from '../base/waiting/on-abort.ts'
import { isStatusReason } from '../machinery/status.ts'
import type { Provider } from '../providers/provider.ts'
import type { Place, ReferenceSources } from '../providers/references.ts'
import { Events } from './events.ts'
import type { MayUse } from './stores/use-right.ts'
import { ExternalSecretLoop } from './external-secret-loop.ts'
import { Generators } from './values/generators.ts'
import { KnownStates } from './generator-states/known-states.ts'
import { GeneratorStateLoop } from './generator-states/state-loop.ts'
import { ExternalSecrets } from './known/external-secrets.ts'
import { Memory } from './known/memory.ts'
import { SyncMetrics } from './known/sync-metrics.ts'
import { Namespaces } from './known/namespaces.ts'
import { follow } from './known/watching.ts'
import { Missing } from './missing/missing.ts'
import type { SyncerOptions } from './options.ts'
import { RenderThread, renderThreadLimits } from './render/heavy/render-thread.ts'
import { Renders } from './render/heavy/renders.ts'
import { ParsedTemplates } from './render/parsed-templates.ts'
import { ClientPool } from './stores/client-pool.ts'
import { StoreLoop } from './stores/store-loop.ts'
import { Stores } from './stores/stores.ts'
import type { SyncerClients, SyncerParts } from './syncer-parts.ts'
import { ProviderReads } from './values/provider-reads.ts'
import { Verbs } from './verbs/verbs.ts'

/**
 * The door of the syncer: it watches ExternalSecrets and stores, fetches what they ask for, pours it into Secrets and
 * tells it in their status. It is no server and knows no storage: every object is reached through a `ResourceClient`.
 */
export interface SyncerConfig {
  readonly clients: SyncerClients
  /** Loads a provider with its libraries on first use. */
  readonly loadProvider: (name: string) => Promise<Provider<unknown> | undefined>
  /** A token of a ServiceAccount (TokenRequest); absent where nobody issues tokens. */
  readonly requestToken?: ReferenceSources['requestToken']
  /** Who the process is by itself, for stores that name no credentials; absent: nobody. */
  readonly ambient?: ReferenceSources['ambient']
  /** What of the cluster is the process's own, and shown to no provider; absent: nothing. */
  readonly installation?: ReferenceSources['installation']
  /** Whether an ExternalSecret may go on using what it names; absent: it may. */
  readonly mayUse?: MayUse
  readonly outbound: Outbound
  readonly clock: Clock
  /** Bytes that nobody can guess. */
  readonly random: (byteCount: number) => Uint8Array
  readonly log: Logger
  readonly metrics: Metrics
  readonly options: SyncerOptions
}

export interface Syncer {
  /** Runs until the signal aborts, then ends what it began. Rejects only when it cannot go on. */
  run(signal: AbortSignal): Promise<void>
  readonly live: LiveValues
  readonly verbs: Verbs
}

/** Facts that are truer in memory than in the stored status. By UID of an ExternalSecret. */
export interface LiveValues {
  lastSyncTime(uid: string): string | undefined
  lastSyncTimes(): Readonly<Record<string, string>>
}

export function createSyncer(config: SyncerConfig): Syncer {
  const memory = new Memory()
  const verbs = new Verbs(config.random(32))
  return { live: memory, verbs, run: (signal) => runSyncer(config, { memory, verbs }, signal) }
}

interface Standing {
  readonly memory: Memory
  readonly verbs: Verbs
}

async function runSyncer(config: SyncerConfig, { memory, verbs }: Standing, signal: AbortSignal): Promise<void> {
  const parts = partsOf(config, memory, signal)
  const { clients, clock, log, namespaces, pool } = parts
  const externalSecrets = new ExternalSecretLoop(parts)
  const stores = new StoreLoop(parts, (store) => externalSecrets.storeChanged(store))
  const generatorStates = new GeneratorStateLoop(parts)
  const known = [new Gate(), new Gate(), new Gate()] as const
  const watched = { what: 'Namespace', client: clients.namespaces, scope: {}, clock, log, signal }
  const following = [
    follow(watched, (notice) => {
      if (notice.type === 'synced') known[0].open()
      else if (notice.type === 'set') namespaces.set(notice.object)
      else namespaces.remove(notice.object.metadata.name ?? '')
    }),
    stores.follow('SecretStore', () => known[1].open()),
    stores.follow('ClusterSecretStore', () => known[2].open()),
    externalSecrets.follow(),
    externalSecrets.checkDrift(),
    generatorStates.follow(),
    sweep(parts, externalSecrets),
  ]
  // Before all stores and namespaces are known, every store would look missing.
  onAbort(signal, () => known.forEach((gate) => gate.open()))
  await Promise.all(known.map(({ opened }) => opened))
  if (!signal.aborted) verbs.begin({ parts, externalSecrets })
  onAbort(signal, () => verbs.end())
  await Promise.all([stores.run(signal), externalSecrets.run(signal), generatorStates.run(signal), ...following])
  pool.close()
}

function partsOf(config: SyncerConfig, memory: Memory, signal: AbortSignal): SyncerParts {
  const { ambient, clients, clock, installation, loadProvider, log } = config
  const { options, mayUse, outbound, random, requestToken } = config
  const sources = {
    readSecret: (at: Place) => found(clients.secrets.get(at)),
    readConfigMap: (at: Place) => found(clients.configMaps.get(at)),
    readServiceAccount: (at: Place) => found(clients.serviceAccounts.get(at)),
    ...(requestToken && { requestToken }),
    ...(ambient && { ambient }),
    ...(installation && { installation }),
  }
  const { clientIdleMs: idleMs, providerTimeoutMs: timeoutMs, eventsWaitingMax: waitingMax } = options
  const metrics = new SyncMetrics(config.metrics)
  const pool = new ClientPool({ clock, loadProvider, log, outbound, signal, sources, idleMs, timeoutMs })
  return {
    clients,
    clock,
    events: new Events({ client: clients.events, clock, log, waitingMax }),
    externalSecrets: new ExternalSecrets(),
    generators: new Generators({
      client: clients.generators,
      controllerClass: options.controllerClass,
      clock,
      log,
      outbound,
      signal,
      sources,
      timeoutMs,
    }),
    generatorStates: new KnownStates(),
    loadProvider,
    log,
    ...(mayUse && { mayUse }),
    memory,
    missing: new Missing({
      clock,
      log,
      confirmationMs: options.missingConfirmationMs,
      countMax: options.deletionBrakeCount,
      percentMax: options.deletionBrakePercent,
    }),
    metrics,
    namespaces: new Namespaces(),
    options,
    pool,
    reads: new ProviderReads({ clock, metrics, options, pool, signal }),
    renders: new Renders(
      { clock, random, templates: new ParsedTemplates() },
      new RenderThread({ ...renderThreadLimits, clock, signal }),
    ),
    signal,
    stores: new Stores(options.controllerClass),
  }
}

async function found<T>(object: Promise<T>): Promise<T | undefined> {
  try {
    return await object
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return undefined
    throw error
  }
}

/** Lets go of values and clients that no round needs any more. */
async function sweep(
  { clock, options, pool, reads, signal }: SyncerParts,
  waiting: Pick<ExternalSecretLoop, 'oldestSinceMs'>,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(options.valueAgeMaxMs, signal).catch(() => undefined)
    reads.sweep(waiting.oldestSinceMs)
    pool.sweep()
  }
}

import type { Clock } from '../base/clock.ts'
import type { Outbound } from '../base/http.ts'
import type { Logger } from '../base/log.ts'
import type { ConfigMap } from '../kinds/core/config-map/v1.ts'
import type { Event } from '../kinds/core/event/v1.ts'
import type { Namespace } from '../kinds/core/namespace/v1.ts'
import type { Secret } from '../kinds/core/secret/v1.ts'
import type { ExternalSecret } from '../kinds/external-secret/v1.ts'
import type { SecretStore } from '../kinds/secret-store/v1.ts'
import type { ResourceClient } from '../machinery/client.ts'
import type { Provider } from '../providers/provider.ts'
import type { SyncerOptions } from './options.ts'

/**
 * The door of the syncer: it watches ExternalSecrets and stores, fetches what they ask for, pours it into Secrets and tells
 * it in their status. It is not a server and knows no storage: every object is reached through a `ResourceClient`.
 */
export interface SyncerConfig {
  readonly clients: SyncerClients
  /** Loads a provider with its libraries on first use. */
  readonly loadProvider: (name: string) => Promise<Provider<unknown> | undefined>
  /** A token of a ServiceAccount (TokenRequest); absent where nobody issues tokens. */
  readonly requestToken?: (request: TokenRequest) => Promise<string>
  readonly outbound: Outbound
  readonly clock: Clock
  readonly log: Logger
  readonly options: SyncerOptions
}

export interface SyncerClients {
  readonly externalSecrets: ResourceClient<ExternalSecret>
  readonly secretStores: ResourceClient<SecretStore>
  readonly clusterSecretStores: ResourceClient<SecretStore>
  /** Every call and every watch names a namespace. */
  readonly secrets: ResourceClient<Secret>
  readonly configMaps: ResourceClient<ConfigMap>
  readonly namespaces: ResourceClient<Namespace>
  readonly events: ResourceClient<Event>
}

export interface TokenRequest {
  readonly namespace: string
  readonly name: string
  readonly audiences: readonly string[]
}

export interface Syncer {
  /** Runs until the signal aborts, then ends what it began. Rejects only when it cannot go on. */
  run(signal: AbortSignal): Promise<void>
  readonly live: LiveValues
}

/** Facts that are truer in memory than in the stored status. By UID of an ExternalSecret. */
export interface LiveValues {
  lastSyncTime(uid: string): string | undefined
}

export function createSyncer(config: SyncerConfig): Syncer {
  throw new Error(`${config.options.workers}`)
}

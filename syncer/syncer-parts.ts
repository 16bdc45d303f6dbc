import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { ConfigMap } from '../kinds/core/config-map/v1.ts'
import type { Event } from '../kinds/core/event/v1.ts'
import type { Namespace } from '../kinds/core/namespace/v1.ts'
import type { Secret } from '../kinds/core/secret/v1.ts'
import type { ExternalSecret } from '../kinds/external-secret/v1.ts'
import type { GeneratorState } from '../kinds/generators/generator-state/v1alpha1.ts'
import type { SecretStore } from '../kinds/secret-store/v1.ts'
import type { ObjectName, ResourceClient } from '../machinery/client.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Provider } from '../providers/provider.ts'
import type { Events } from './events.ts'
import type { KnownStates } from './generator-states/known-states.ts'
import type { ExternalSecrets } from './known/external-secrets.ts'
import type { Generators } from './values/generators.ts'
import type { Memory } from './known/memory.ts'
import type { SyncMetrics } from './known/sync-metrics.ts'
import type { Namespaces } from './known/namespaces.ts'
import type { Missing } from './missing/missing.ts'
import type { SyncerOptions } from './options.ts'
import type { Renders } from './render/heavy/renders.ts'
import type { ClientPool } from './stores/client-pool.ts'
import type { Stores } from './stores/stores.ts'
import type { MayUse } from './stores/use-right.ts'
import type { GroupVersionKind, TargetResource } from './target/target-resource.ts'
import type { ProviderReads } from './values/provider-reads.ts'

/** What one run of the syncer is made of; built once, in syncer.ts. */
export interface SyncerParts {
  readonly clients: SyncerClients
  readonly loadProvider: (name: string) => Promise<Provider<unknown> | undefined>
  readonly externalSecrets: ExternalSecrets
  readonly namespaces: Namespaces
  readonly stores: Stores
  readonly pool: ClientPool
  readonly reads: ProviderReads
  readonly generators: Generators
  readonly generatorStates: KnownStates
  readonly events: Events
  readonly memory: Memory
  readonly missing: Missing
  readonly mayUse?: MayUse
  readonly metrics: SyncMetrics
  readonly clock: Clock
  readonly renders: Renders
  readonly log: Logger
  readonly options: SyncerOptions
  readonly signal: AbortSignal
}

export interface SyncerClients {
  readonly externalSecrets: ResourceClient<ExternalSecret>
  readonly secretStores: ResourceClient<SecretStore>
  readonly clusterSecretStores: ResourceClient<SecretStore>
  /** Every call and every watch names a namespace. */
  readonly secrets: ResourceClient<Secret>
  /** The metadata of one Secret without the rest; absent where a watch tells of all of them. */
  readonly readSecretMetadata?: (at: ObjectName) => Promise<KubeObject>
  /** May its Secrets be listed and watched? Never rejects. Absent: everywhere. */
  readonly mayWatchSecrets?: (namespace: string) => Promise<boolean>
  /** Kinds of which objects may be targets beside Secrets; undefined where it is not served. Absent: none may. */
  readonly targetResources?: (kind: GroupVersionKind) => Promise<TargetResource | undefined>
  readonly configMaps: ResourceClient<ConfigMap>
  readonly namespaces: ResourceClient<Namespace>
  /** Read alone: their annotations name who they are elsewhere. */
  readonly serviceAccounts: ResourceClient<KubeObject>
  readonly generatorStates: ResourceClient<GeneratorState>
  /** Of the group of generators, by plural. */
  readonly generators: (plural: string) => ResourceClient<KubeObject>
  readonly events: ResourceClient<Event>
}

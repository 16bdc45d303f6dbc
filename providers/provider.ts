import type { Clock } from '../base/clock.ts'
import type { Outbound } from '../base/http.ts'
import type { Logger } from '../base/log.ts'
import type { FieldError } from '../machinery/field-error.ts'
import type { JsonObject } from '../machinery/object.ts'
import type { Schema } from '../machinery/schema/schema.ts'
import type { References } from './references.ts'

/**
 * The door of providers: the whole contract on one page. A provider turns a store's `spec.provider.<name>` into a
 * client that reads remote keys as one identity. It knows no Kubernetes API, no storage and no HTTP server; what it
 * needs from the cluster (a Secret, a CA, a token) it asks of `References`, and what it needs of the network it asks of
 * `Outbound`.
 */
export interface Provider<Spec> {
  readonly spec: ProviderSpec<Spec>
  readonly capabilities: readonly Capability[]
  /**
   * Authenticates. Rejects with ProviderError `auth-failed`, `unavailable`, `denied` or `invalid-ref`; with `needs-
   * consumer` when a credential lies in the consumer's namespace and there is none (a ClusterSecretStore by itself).
   */
  connect(spec: Spec, context: ConnectContext): Promise<SecretsClient>
}

/** Stands in the provider's `spec.ts`, which imports no SDK: the API server loads it, the syncer loads the rest. */
export interface ProviderSpec<Spec> {
  /** The member of `spec.provider`. */
  readonly name: string
  readonly schema: Schema
  /** Where an older version of the API says it otherwise, by version; absent where all say the same. */
  readonly older?: Readonly<Record<string, OlderForm>>
  /** Beyond the schema, and pure. Paths are relative to `spec.provider.<name>`. */
  validate(spec: Spec, store: StoreScope): readonly FieldError[]
  /** Provider-specific Warning headers for a write of such a store. */
  warnings?(spec: Spec, store: StoreScope): readonly string[]
  /** ESO's word on the provider, from which the general store warning and the event StoreUnmaintained follow. */
  readonly maintenance?: 'NotMaintained' | 'Deprecated'
  /** What `status.capabilities` says of such a store, in ESO's words. */
  readonly statusCapabilities: 'ReadOnly' | 'WriteOnly' | 'ReadWrite'
}

export interface OlderForm {
  readonly schema: Schema
  /**
   * The same in the form of `ProviderSpec.schema`. Total: what the older schema admits has a meaning. Members that the
   * newer schema has no place for may stay: the caller keeps them aside and hands them to `fromCurrent`.
   */
  toCurrent(spec: JsonObject): JsonObject
  /** Undoes `toCurrent`, of any spec; absent where that changes nothing. */
  fromCurrent?(spec: JsonObject): JsonObject
}

export type Capability = 'read' | 'find' | 'push' | 'delete'

export interface StoreScope {
  readonly kind: 'SecretStore' | 'ClusterSecretStore'
  /** The store's own namespace; absent for a ClusterSecretStore. */
  readonly namespace?: string
}

export interface ConnectContext {
  readonly store: StoreScope & { readonly name: string }
  /** Credentials, CAs and tokens, inside the namespace boundary of this store and this consumer. */
  readonly references: References
  /** The only way out: the one guarded agent of this process. */
  readonly outbound: Outbound
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

export interface SecretsClient extends AsyncDisposable {
  /**
   * Whether the store can be used. Rejects as `connect` when it cannot; `unknown` is ESO's ValidationUnknown: the
   * provider could not tell ("unable to validate"), and the store counts as ready.
   */
  check(signal: AbortSignal): Promise<'ready' | 'unknown'>
  /** That what is asked depends on the property: then a key is read anew for each of them. */
  readonly asksByProperty?: boolean
  /** One remote key, whole: properties are taken from it locally, so that five of them cost one call. */
  read(ref: RemoteKey, signal: AbortSignal): Promise<RemoteSecret>
  /** Present where one call can read many; answers in the order of `refs`. */
  readonly readMany?: {
    readonly countMax: number
    read(refs: readonly RemoteKey[], signal: AbortSignal): Promise<readonly ReadResult[]>
  }
  /**
   * Present with the capability `find`. Names are those of the provider, but for fake and kubernetes, which convert
   * them by `query.conversionStrategy` themselves, as ESO does: rewrite sees converted names there.
   */
  find?(query: FindQuery, signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>>
}

export type ReadResult = { readonly secret: RemoteSecret } | { readonly error: import('./errors.ts').ProviderError }

export interface RemoteKey {
  readonly key: string
  readonly version?: string
  readonly metadataPolicy: 'None' | 'Fetch'
  /** The property that will be taken; of meaning only to a client that asks by property. */
  readonly property?: string
}

/** A remote secret in memory, with the provider's own rules for looking into it (eso-behaviour 3.6, 3.7). Pure. */
export interface RemoteSecret {
  /** The whole value, or the property's. Throws ProviderError `secret-missing`, `invalid-ref` or `invalid-value`. */
  value(property: string | undefined): Uint8Array
  /** What `dataFrom.extract` pours. */
  entries(property: string | undefined): ReadonlyMap<string, Uint8Array>
  /** What it holds in memory, for the cache's budget. */
  readonly sizeBytes: number
}

export interface FindQuery {
  readonly path?: string
  readonly name?: { readonly regexp: string }
  readonly tags?: Readonly<Record<string, string>>
  readonly conversionStrategy?: string
  readonly decodingStrategy?: string
}

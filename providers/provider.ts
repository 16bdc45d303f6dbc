import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { FieldError } from '../machinery/field-error.ts'
import type { Schema } from '../machinery/schema/schema.ts'
import type { References } from './references.ts'

/**
 * The door of providers: the whole contract on one page. A provider turns a store's `spec.provider.<name>` into a
 * client that reads remote keys as one identity. It knows no Kubernetes API, no storage and no HTTP server; what it needs
 * from the cluster (a Secret, a CA, a token) it asks of `References`, and what it needs of the network it asks of `Outbound`.
 */
export interface Provider<Spec> {
  readonly spec: ProviderSpec<Spec>
  readonly capabilities: readonly Capability[]
  /** Authenticates. Rejects with ProviderError `auth-failed`, `unavailable`, `denied` or `invalid-ref`. */
  connect(spec: Spec, context: ConnectContext): Promise<SecretsClient>
}

/** Stands in the provider's `spec.ts`, which imports no SDK: the API server loads it, the syncer loads the rest. */
export interface ProviderSpec<Spec> {
  /** The member of `spec.provider`. */
  readonly name: string
  readonly schema: Schema
  /** Beyond the schema, and pure. Paths are relative to `spec.provider.<name>`. */
  validate(spec: Spec, store: StoreScope): readonly FieldError[]
  /** Sent with every write of a store of this provider. */
  readonly warnings?: readonly string[]
}

export type Capability = 'read' | 'find' | 'push' | 'delete'

export interface StoreScope {
  readonly kind: 'SecretStore' | 'ClusterSecretStore'
}

export interface ConnectContext {
  readonly store: StoreScope & { readonly name: string; readonly namespace?: string }
  /** Credentials, CAs and tokens, inside the namespace boundary of this store and this consumer. */
  readonly references: References
  readonly outbound: Outbound
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** The only way out: one guarded agent (base/http.ts), bound to the limits of this process. */
export interface Outbound {
  /** Options for libraries that take a node:http(s) agent. */
  readonly agents: { readonly http: import('node:http').Agent; readonly https: import('node:https').Agent }
  fetch(request: OutboundRequest): Promise<OutboundResponse>
}

export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'LIST' | 'HEAD'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** PEM bundle that replaces the system's trust, and a client certificate. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly serverName?: string }
  readonly signal: AbortSignal
}

export interface OutboundResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface SecretsClient extends AsyncDisposable {
  /** Whether the store can be used: `unknown` where the provider cannot tell without a consumer. Rejects as `connect`. */
  check(signal: AbortSignal): Promise<'ready' | 'unknown'>
  /** One remote key, whole: properties are taken from it locally, so that five of them cost one call. */
  read(ref: RemoteKey, signal: AbortSignal): Promise<RemoteSecret>
  /** Present where one call can read many; answers in the order of `refs`. */
  readonly readMany?: { readonly countMax: number; read(refs: readonly RemoteKey[], signal: AbortSignal): Promise<readonly ReadResult[]> }
  /** Present with the capability `find`. */
  find?(query: FindQuery, signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>>
}

export type ReadResult = { readonly secret: RemoteSecret } | { readonly error: import('./errors.ts').ProviderError }

export interface RemoteKey {
  readonly key: string
  readonly version?: string
  readonly metadataPolicy: 'None' | 'Fetch'
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

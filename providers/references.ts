/**
 * How a spec points at things in the cluster, and the one resolver with the namespace boundary inside: for a SecretStore
 * every reference resolves in the store's namespace; for a ClusterSecretStore in the namespace it names, else in the
 * namespace of the ExternalSecret that uses it (eso-behaviour.md 1.13, eso-inventory.md 3.2).
 */
export interface References {
  /** The value under `key`. Rejects with ProviderError `auth-failed` when it is not there. */
  secretKey(selector: SecretKeySelector): Promise<string>
  /** A PEM bundle from a Secret or a ConfigMap. */
  caBundle(provider: CaProvider): Promise<string>
  /** A token of that ServiceAccount for the audiences, by TokenRequest. */
  serviceAccountToken(selector: ServiceAccountSelector, audiences: readonly string[]): Promise<string>
  /** The namespace of the ExternalSecret this client reads for. Asking makes the identity the consumer's own. */
  consumerNamespace(): string | undefined
  /** Whether every reference so far resolved outside the consumer's namespace: then consumers may share the identity. */
  readonly scope: 'store' | 'consumer'
  /** UID and resourceVersion of everything read so far: the credential fingerprint of the fetching unit. */
  fingerprint(): string
}

export interface SecretKeySelector {
  readonly name?: string
  readonly namespace?: string
  readonly key?: string
}

export interface CaProvider {
  readonly type: 'Secret' | 'ConfigMap'
  readonly name: string
  readonly namespace?: string
  readonly key?: string
}

export interface ServiceAccountSelector {
  readonly name: string
  readonly namespace?: string
  readonly audiences?: readonly string[]
}

import type { KubeObject } from '../machinery/object.ts'
import { type Ambient, type AmbientCredentials, openAmbient } from './credentials/ambient.ts'
import { dataText } from './credentials/data-text.ts'
import { reasonOf, unreadable } from './credentials/failure-words.ts'
import { type Installation, releasedSecret, releasedToken } from './credentials/installation.ts'
import { ProviderError } from './errors.ts'

/**
 * How a spec points at things in the cluster, and the one resolver with the namespace boundary inside: for a
 * SecretStore every reference resolves in the store's namespace; for a ClusterSecretStore in the namespace it names,
 * else in the namespace of the ExternalSecret that uses it (eso-behaviour.md 1.13, eso-inventory.md 3.2).
 */
export interface References {
  /** The value under `key`. Rejects with ProviderError `auth-failed` when it is not there. */
  secretKey(selector: SecretKeySelector): Promise<string>
  /** A Secret whole; `undefined` when it is not there. For whoever asks its labels first. */
  secret(selector: SecretKeySelector): Promise<WholeSecret | undefined>
  /**
   * The text of a Secret or ConfigMap key that holds CA certificates. A ClusterSecretStore has to name the namespace.
   */
  caBundle(provider: CaProvider): Promise<string>
  /** A token of that ServiceAccount for its audiences and these, by TokenRequest. */
  serviceAccountToken(selector: ServiceAccountSelector, request: TokenWish): Promise<string>
  /** What annotates that ServiceAccount. Rejects with ProviderError `auth-failed` when it is not there. */
  serviceAccountAnnotations(selector: ServiceAccountSelector): Promise<Readonly<Record<string, string>>>
  /** The namespace of the ExternalSecret this client reads for. Asking makes the identity the consumer's own. */
  consumerNamespace(): string | undefined
  /**
   * Who the process itself is, for a store that names no credentials. Throws ProviderError `denied` where this kind of
   * store may not be that; whoever generates counts as a SecretStore.
   */
  ambient(): Ambient
  /** `store`: nothing so far depended on the consumer's namespace, so that consumers may share the identity. */
  readonly scope: 'store' | 'consumer'
  /**
   * UID and resourceVersion of everything read so far, and what files of the process's own identity said: the
   * credential fingerprint of the fetching unit.
   */
  fingerprint(): string
  /**
   * The fingerprint as it would be now: reads again what was read, and answers something else when that has changed.
   */
  currentFingerprint(): Promise<string>
}

export interface SecretKeySelector {
  readonly name?: string
  readonly namespace?: string
  readonly key?: string
}

interface WholeSecret {
  readonly labels: Readonly<Record<string, string>>
  readonly data: ReadonlyMap<string, Uint8Array>
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

export interface TokenWish {
  readonly audiences: readonly string[]
  readonly expirationSeconds: number
}

/** What the resolver needs of the cluster. `undefined`: there is no such object. Other failures reject. */
export interface ReferenceSources {
  readonly store: ReferringStore
  /** The namespace of the ExternalSecret; absent when a store is checked by itself. */
  readonly consumerNamespace?: string
  readSecret(at: Place): Promise<KubeObject | undefined>
  readConfigMap(at: Place): Promise<KubeObject | undefined>
  /** Absent where there are none to read. */
  readonly readServiceAccount?: ((at: Place) => Promise<KubeObject | undefined>) | undefined
  /** Absent where nobody issues tokens. */
  readonly requestToken?: ((request: Place & TokenWish) => Promise<string>) | undefined
  /** Absent where the process is nobody by itself. */
  readonly ambient?: AmbientCredentials | undefined
  /** Absent where the process has neither account nor Secrets of its own. */
  readonly installation?: Installation | undefined
}

interface ReferringStore {
  readonly kind: 'SecretStore' | 'ClusterSecretStore'
  /** The store's own namespace; absent for a ClusterSecretStore. */
  readonly namespace?: string
}

export interface Place {
  readonly namespace: string
  readonly name: string
}

export function createReferences(sources: ReferenceSources): References {
  return new NamespacedReferences(sources)
}

type ReadKind = 'Secret' | 'ConfigMap' | 'ServiceAccount'

/** Invariants: `#placeOf` alone knows a namespace; what a provider shows passes `#released` or `releasedToken`. */
class NamespacedReferences implements References {
  readonly #sources: ReferenceSources
  readonly #used = new Map<string, { readonly kind: ReadKind; readonly at: Place; readonly version: string }>()
  /** Whose tokens were asked for, named as in `#used`. */
  readonly #accounts = new Set<string>()
  #ambient: Ambient | undefined
  #consumerAsked = false

  constructor(sources: ReferenceSources) {
    this.#sources = sources
  }

  get scope(): 'store' | 'consumer' {
    return this.#consumerAsked ? 'consumer' : 'store'
  }

  consumerNamespace(): string | undefined {
    this.#consumerAsked = true
    return this.#sources.consumerNamespace
  }

  async secretKey({ name = '', key = '', namespace }: SecretKeySelector): Promise<string> {
    const at = this.#placeOf(name, namespace)
    const secret = await this.#released(at)
    if (secret === undefined) {
      throw new ProviderError('auth-failed', `${unreadable('secret', at)}: secrets "${name}" not found`)
    }
    const value = dataText(secret, 'Secret', key)
    if (value === undefined) throw new ProviderError('auth-failed', `cannot find secret data for key: "${key}"`)
    return value
  }

  async secret({ name = '', namespace }: SecretKeySelector): Promise<WholeSecret | undefined> {
    const secret = await this.#released(this.#placeOf(name, namespace))
    if (secret === undefined) return undefined
    const data = Object.entries(secret.data ?? {}).map(
      ([key, value]) => [key, Buffer.from(String(value), 'base64')] as const,
    )
    return { labels: secret.metadata.labels ?? {}, data: new Map(data) }
  }

  async caBundle({ type, name, key = '', namespace }: CaProvider): Promise<string> {
    if (this.#sources.store.kind === 'ClusterSecretStore' && namespace === undefined) {
      throw new ProviderError('invalid-ref', 'caProvider: cluster scope requires namespace')
    }
    const object = await this.#read(type, this.#placeOf(name, namespace))
    const value = object === undefined ? undefined : dataText(object, type, key)
    if (value !== undefined) return value
    const [kind, word] = type === 'Secret' ? ['secret', 'secret'] : ['configmap', 'configMap']
    const missing = object === undefined ? `${name}: not found` : `${name} -> ${key}`
    throw new ProviderError(
      'auth-failed',
      `failed to get cert from ${kind}: failed to get caProvider ${word} ${missing}`,
    )
  }

  async serviceAccountToken(selector: ServiceAccountSelector, wish: TokenWish): Promise<string> {
    const { expirationSeconds } = wish
    const at = this.#placeOf(selector.name, selector.namespace)
    const request = this.#sources.requestToken
    if (request === undefined) {
      throw new ProviderError('auth-failed', 'cannot create service account token: nobody issues tokens here')
    }
    const audiences = [...new Set([...(selector.audiences ?? []), ...wish.audiences])]
    this.#accounts.add(`ServiceAccount/${at.namespace}/${at.name}`)
    const token = await request({ ...at, audiences, expirationSeconds }).catch((error: unknown) => {
      throw new ProviderError('auth-failed', `cannot create service account token: ${reasonOf(error)}`)
    })
    return releasedToken(this.#sources.installation, { of: at, token, audiences })
  }

  async serviceAccountAnnotations({ name, namespace }: ServiceAccountSelector): Promise<Record<string, string>> {
    const at = this.#placeOf(name, namespace)
    const account = await this.#read('ServiceAccount', at)
    if (account !== undefined) return account.metadata.annotations ?? {}
    throw new ProviderError('auth-failed', `${unreadable('serviceaccount', at)}: serviceaccounts "${name}" not found`)
  }

  ambient(): Ambient {
    this.#ambient ??= openAmbient(this.#sources.ambient, this.#sources.store.kind)
    return this.#ambient
  }

  fingerprint(): string {
    return this.#joined(this.#ambient?.fingerprint() ?? [])
  }

  async currentFingerprint(): Promise<string> {
    const again = new NamespacedReferences(this.#sources)
    await Promise.all([...this.#used.values()].map(({ kind, at }) => again.#read(kind, at)))
    for (const account of this.#accounts) again.#accounts.add(account)
    return again.#joined((await this.#ambient?.current()) ?? [])
  }

  /** An account that was read says more by its version than by its name, which may be told only when a token is due. */
  #joined(ambient: readonly string[]): string {
    const read = [...this.#used].map(([id, { version }]) => `${id}=${version}`)
    const named = [...this.#accounts].filter((id) => !this.#used.has(id))
    return [...read, ...named, ...ambient].sort().join(' ')
  }

  #placeOf(name: string, namespace: string | undefined): Place {
    const { store } = this.#sources
    const own = store.kind === 'SecretStore' ? store.namespace : (namespace ?? this.consumerNamespace())
    if (own === undefined) {
      throw new ProviderError(
        'needs-consumer',
        `"${name}" lies in the namespace of the ExternalSecret that uses the store`,
      )
    }
    return { namespace: own, name }
  }

  /** A Secret whose values a provider may be shown. */
  async #released(at: Place): Promise<KubeObject | undefined> {
    const secret = await this.#read('Secret', at)
    return secret && releasedSecret(this.#sources.installation, at, secret)
  }

  async #read(kind: ReadKind, at: Place): Promise<KubeObject | undefined> {
    try {
      const object = await this.#objectAt(kind, at)
      const version = object === undefined ? 'absent' : `${object.metadata.uid}@${object.metadata.resourceVersion}`
      this.#used.set(`${kind}/${at.namespace}/${at.name}`, { kind, at, version })
      return object
    } catch (error) {
      throw new ProviderError('unavailable', `${unreadable(kind.toLowerCase(), at)}: ${reasonOf(error)}`)
    }
  }

  async #objectAt(kind: ReadKind, at: Place): Promise<KubeObject | undefined> {
    switch (kind) {
      case 'Secret':
        return this.#sources.readSecret(at)
      case 'ConfigMap':
        return this.#sources.readConfigMap(at)
      case 'ServiceAccount':
        return this.#sources.readServiceAccount?.(at)
    }
  }
}

import type { Logger } from '../base/log.ts'
import type { ResourceClient } from '../machinery/client.ts'
import type { KubeObject } from '../machinery/object.ts'
import { isStatusReason } from '../machinery/status.ts'
import { ClusterError } from './errors.ts'

/** What kube-apiserver tells aggregated servers about whom to believe (apiserver-conformance.md 6.2). */
export interface AuthenticationSettings {
  /** PEM bundle for ordinary client certificates; '' when the cluster has none. */
  readonly clientAuthorityPem: string
  /** PEM bundle for the aggregator's own certificate. */
  readonly requestHeaderAuthorityPem: string
  /** Common names; empty: any certificate of that authority. */
  readonly allowedNames: readonly string[]
  /** Header names in lower case, in order of preference. */
  readonly userHeaders: readonly string[]
  readonly uidHeaders: readonly string[]
  readonly groupHeaders: readonly string[]
  readonly extraPrefixes: readonly string[]
}

export interface AuthenticationConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

interface Options<T> {
  readonly configMaps: ResourceClient<AuthenticationConfigMap>
  readonly log: Logger
  /** What the settings mean; throws when they cannot be used. */
  readonly read: (settings: AuthenticationSettings) => T
}

const place = { namespace: 'kube-system', name: 'extension-apiserver-authentication' }

/**
 * The ConfigMap extension-apiserver-authentication, read once at the start and followed from then on. What cannot be
 * read leaves the last one in force; a ConfigMap that is gone or not there yet leaves nobody to believe.
 */
export class RequestHeaderCa<T> {
  readonly #options: Options<T>
  #current: T

  private constructor(options: Options<T>, current: T) {
    this.#options = options
    this.#current = current
  }

  /** Rejects when the cluster cannot be asked or does not let us read it. */
  static async open<T>(options: Options<T>): Promise<RequestHeaderCa<T>> {
    const found = await options.configMaps.get(place).catch((error: unknown) => {
      if (isStatusReason(error, 'NotFound')) return undefined
      throw error
    })
    return new RequestHeaderCa(options, options.read(settingsOf(found?.data)))
  }

  get current(): T {
    return this.#current
  }

  /** Until `signal` aborts; `changed` is called with each new one. */
  async follow(changed: (current: T) => void, signal: AbortSignal): Promise<void> {
    const { configMaps, log } = this.#options
    const scope = { namespace: place.namespace, fieldSelector: `metadata.name=${place.name}` }
    for await (const notices of configMaps.watch(scope, signal)) {
      for (const notice of notices) {
        if (notice.type === 'synced') continue
        try {
          this.#current = this.#options.read(settingsOf(notice.type === 'set' ? notice.object.data : undefined))
          changed(this.#current)
        } catch {
          log.error('the authentication settings of the cluster cannot be read: the last ones stay in force')
        }
      }
    }
  }
}

function settingsOf(data: Readonly<Record<string, string>> = {}): AuthenticationSettings {
  const names = (key: string): readonly string[] => namesIn(data[`requestheader-${key}`])
  const lower = (key: string): readonly string[] => names(key).map((name) => name.toLowerCase())
  return {
    clientAuthorityPem: data['client-ca-file'] ?? '',
    requestHeaderAuthorityPem: data['requestheader-client-ca-file'] ?? '',
    allowedNames: names('allowed-names'),
    userHeaders: lower('username-headers'),
    uidHeaders: lower('uid-headers'),
    groupHeaders: lower('group-headers'),
    extraPrefixes: lower('extra-headers-prefix'),
  }
}

/** A JSON array of strings. One that is none throws: taken for empty, allowed-names would let everybody in. */
function namesIn(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return []
  const value = parsed(text)
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value
  throw new ClusterError('cluster-answer', `${place.name}: names that are no JSON array of strings`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

import type { Namespace } from '../../kinds/core/namespace/v1.ts'
import type { SecretStore } from '../../kinds/secret-store/v1.ts'
import { SyncError } from '../errors.ts'
import { namespaceTest } from './namespace-conditions.ts'
import { storeKey, type StorePlace } from './store-ref.ts'

interface Known {
  readonly store: SecretStore
  readonly allows: (namespace: Pick<Namespace, 'metadata'>) => boolean
}

/** The stores there are, and whether an ExternalSecret may use them (eso-behaviour.md 1.3, 1.13). */
export class Stores {
  readonly #controllerClass: string
  readonly #known = new Map<string, Known>()

  constructor(controllerClass: string) {
    this.#controllerClass = controllerClass
  }

  set(place: StorePlace, store: SecretStore): void {
    this.#known.set(storeKey(place), { store, allows: namespaceTest(store.spec.conditions) })
  }

  remove(place: StorePlace): void {
    this.#known.delete(storeKey(place))
  }

  get(place: StorePlace): SecretStore | undefined {
    return this.#known.get(storeKey(place))?.store
  }

  isOurs({ spec }: SecretStore): boolean {
    return spec.controller === undefined || spec.controller === '' || spec.controller === this.#controllerClass
  }

  /**
   * Whether an ExternalSecret with these stores is ours to look after. As in ESO, SecretStores named after a
   * ClusterSecretStore are not asked: using one of another class is then told as an error.
   */
  areOurs(places: readonly StorePlace[]): boolean {
    let isBehindCluster = false
    for (const place of places) {
      const store = this.get(place)
      const isEscaped = isBehindCluster && place.kind === 'SecretStore'
      if (store !== undefined && !isEscaped && !this.isOurs(store)) return false
      isBehindCluster ||= place.kind === 'ClusterSecretStore'
    }
    return true
  }

  /** The store, if it can serve that namespace now. Throws SyncError. */
  usable(place: StorePlace, namespace: Pick<Namespace, 'metadata'>): SecretStore {
    const { kind, name } = place
    const known = this.#known.get(storeKey(place))
    if (known === undefined) {
      const missing = `${kind}.external-secrets.io "${name}" not found`
      throw new SyncError('fetch-failed', `could not get ${kind} "${name}", ${missing}`)
    }
    if (!this.isOurs(known.store)) throw new SyncError('fetch-failed', 'can not reference unmanaged store')
    if (kind === 'ClusterSecretStore' && !known.allows(namespace)) {
      const denied = `is not allowed from namespace "${namespace.metadata.name}": denied by spec.condition`
      throw new SyncError('fetch-failed', `using cluster store "${name}" ${denied}`)
    }
    if (readiness(known.store) !== 'True') throw new SyncError('fetch-failed', `${kind} "${name}" is not ready`)
    return known.store
  }
}

/** What was said of it last; undefined while nobody has said whether it can be used. */
export function readiness(store: SecretStore | undefined): string | undefined {
  return store?.status?.conditions?.find(({ type }) => type === 'Ready')?.status
}

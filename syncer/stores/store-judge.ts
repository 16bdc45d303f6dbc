import type { SecretStore } from '../../kinds/secret-store/v1.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import { jsonEqual } from '../../machinery/json/equal.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { ProviderError } from '../../providers/errors.ts'
import type { ProviderSpec, SecretsClient } from '../../providers/provider.ts'
import { statusManager } from '../target/marks.ts'
import type { SyncerParts } from '../syncer-parts.ts'
import { storeKey, type StorePlace } from './store-ref.ts'
import {
  maintenanceWarning,
  notReady,
  statusWith,
  unknown,
  valid,
  validationIntervalMs,
  type Verdict,
} from './verdict.ts'

/** What to do after a look at a store. */
export type Judged =
  | { readonly next: 'later'; readonly afterMs: number }
  | { readonly next: 'retry'; readonly pauseMaxMs?: number }
  | { readonly next: 'again' | 'nothing' }

/** Looks whether stores can be used, and says so in their status. */
export class StoreJudge {
  readonly #parts: SyncerParts
  /** What was last told of a store that could be used: it is not told again every five minutes. */
  readonly #told = new Map<string, string>()

  constructor(parts: SyncerParts) {
    this.#parts = parts
  }

  forget(place: StorePlace): void {
    this.#told.delete(storeKey(place))
  }

  async judge(place: StorePlace, sinceMs: number): Promise<Judged> {
    const store = this.#parts.stores.get(place)
    if (store === undefined || !this.#parts.stores.isOurs(store)) {
      this.forget(place)
      return { next: 'nothing' }
    }
    const provider = await this.#parts.loadProvider(Object.keys(store.spec.provider)[0] ?? '')
    const verdict = await this.#verdict(store, provider?.spec, sinceMs)
    // It may have failed because the syncer ends.
    if (!verdict.isReady && this.#parts.signal.aborted) return { next: 'again' }
    this.#tell(place, store, { verdict, spec: provider?.spec })
    if (!(await this.#write(place, store, verdict))) return { next: 'again' }
    if (!verdict.isReady) return this.#again(verdict)
    return { next: 'later', afterMs: validationIntervalMs(store, this.#parts.options.storeRequeueIntervalMs) }
  }

  async #verdict(store: SecretStore, spec: ProviderSpec<unknown> | undefined, sinceMs: number): Promise<Verdict> {
    const { pool, reads } = this.#parts
    let message: 'unable to create client' | 'unable to validate store' = 'unable to create client'
    try {
      const { metadata } = store
      const identity = await pool.borrow({
        store,
        sinceMs,
        ...(metadata.namespace && { consumer: metadata.namespace }),
      })
      message = 'unable to validate store'
      const check = {
        what: 'check',
        send: (client: SecretsClient, limited: AbortSignal) => client.check(limited),
      } as const
      const answer = await reads.probe({ store, identity }, check)
      reads.judged(store)
      return answer === 'ready' ? valid(spec) : unknown
    } catch (error) {
      const known = error instanceof ProviderError ? error : new ProviderError('unavailable', 'the provider failed')
      // Its credentials lie with whoever uses it: they will see.
      const isOwn = known.code !== 'needs-consumer'
      reads.judged(store, isOwn ? known : undefined)
      return isOwn ? notReady(message, known) : valid(spec)
    }
  }

  /** A provider that cannot be reached may be back any moment; one that refuses the login waits for somebody. */
  #again({ isRefused = false }: Verdict): Judged {
    return isRefused ? { next: 'retry' } : { next: 'retry', pauseMaxMs: this.#parts.options.storeProbeMaxMs }
  }

  #tell(
    place: StorePlace,
    store: SecretStore,
    { verdict, spec }: { verdict: Verdict; spec: ProviderSpec<unknown> | undefined },
  ): void {
    const { events } = this.#parts
    const component = place.kind === 'SecretStore' ? 'secret-store' : 'cluster-secret-store'
    const said = [store.metadata.uid, store.metadata.generation, verdict.reason, verdict.detail].join('\n')
    if (verdict.isReady && this.#told.get(storeKey(place)) === said) return
    this.#told.set(storeKey(place), said)
    const { reason, detail } = verdict
    events.tell({ component, object: store, type: reason === 'Valid' ? 'Normal' : 'Warning', reason, message: detail })
    const warning = reason === 'Valid' ? maintenanceWarning(store, spec) : undefined
    if (warning !== undefined) events.tell({ component, object: store, type: 'Warning', ...warning })
  }

  /** False when the store has moved on meanwhile. */
  async #write(place: StorePlace, store: SecretStore, verdict: Verdict): Promise<boolean> {
    const status = statusWith(verdict, store, this.#parts.clock.now())
    if (jsonEqual(status, store.status ?? {})) return true
    try {
      await this.#clientOf(place).updateStatus({ ...store, status }, { fieldManager: statusManager })
      return true
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return true
      return !isStatusReason(error, 'Conflict') ? Promise.reject(error) : false
    }
  }

  #clientOf({ kind }: StorePlace): ResourceClient<SecretStore> {
    const { secretStores, clusterSecretStores } = this.#parts.clients
    return kind === 'SecretStore' ? secretStores : clusterSecretStores
  }
}

import { WorkLoop, type WorkNext } from '../../base/queues/work-loop.ts'
import type { Work } from '../../base/queues/work-queue.ts'
import type { SecretStore } from '../../kinds/secret-store/v1.ts'
import type { ResourceClient, WatchNotice } from '../../machinery/client.ts'
import { follow } from '../known/watching.ts'
import type { SyncerParts } from '../syncer-parts.ts'
import { StoreJudge } from './store-judge.ts'
import { type StoreKind, storeKey, type StorePlace } from './store-ref.ts'
import { readiness } from './stores.ts'

/** Stores are judged beside the ExternalSecrets, so that neither waits for the other. */
const judgesMax = 16

/** Whatever asks for it, a store is looked at no more often. */
const probeGapMs = 1000

/** Follows both kinds of stores, has each judged, and says when what its users are told of it may differ. */
export class StoreLoop {
  readonly #parts: SyncerParts
  readonly #judge: StoreJudge
  readonly #loop: WorkLoop
  readonly #places = new Map<string, StorePlace>()
  /** When the judging of a store began last. */
  readonly #judgedMs = new Map<string, number>()
  readonly #changed: (store: string) => void

  /** `changed` is called with the key of a store that is new, gone, changed, or judged otherwise than before. */
  constructor(parts: SyncerParts, changed: (store: string) => void) {
    this.#parts = parts
    this.#changed = changed
    this.#judge = new StoreJudge(parts)
    parts.reads.onDoubt((store) => this.#doubted(store))
    const { clock, log, metrics, options } = parts
    this.#loop = new WorkLoop({
      clock,
      lanes: 2,
      dueLane: 1,
      retryLane: 1,
      workers: judgesMax,
      shardWorkersMax: 1,
      retryFirstMs: options.retryFirstMs,
      retryMaxMs: options.retryMaxMs,
      sharedAgeMaxMs: 0,
      report: metrics.queues('secretstore'),
      work: (work) => this.#work(work),
      failed: ({ key }, error) =>
        log.error('a store could not be judged', {
          store: key,
          error: error instanceof Error ? error.name : 'unknown',
        }),
    })
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#loop.run(signal)
  }

  /** Follows the stores of a kind; `synced` is called when all that exist are known. */
  follow(kind: StoreKind, synced: () => void): Promise<void> {
    const { clients, clock, log, signal } = this.#parts
    const client: ResourceClient<SecretStore> = clients[kind === 'SecretStore' ? 'secretStores' : 'clusterSecretStores']
    return follow({ what: kind, client, scope: {}, clock, log, signal }, (notice) => {
      if (notice.type === 'synced') synced()
      else this.#notice(kind, notice)
    })
  }

  #notice(kind: StoreKind, { type, object }: Exclude<WatchNotice<SecretStore>, { type: 'synced' }>): void {
    const { metrics, stores, pool, reads } = this.#parts
    const { name = '', namespace = '', uid = '', generation } = object.metadata
    const place: StorePlace = { kind, namespace, name }
    const key = storeKey(place)
    const before = stores.get(place)
    if (type === 'deleted') {
      stores.remove(place)
      metrics.forget(kind, object)
      this.#places.delete(key)
      this.#loop.forget(key)
      this.#judgedMs.delete(key)
      this.#judge.forget(place)
    } else {
      stores.set(place, object)
      metrics.conditions(kind, object)
      this.#places.set(key, place)
    }
    const isSame = type === 'set' && before?.metadata.uid === uid && before.metadata.generation === generation
    if (!isSame && before !== undefined) {
      pool.retire(before.metadata.uid ?? '')
      reads.forget(before.metadata.uid ?? '')
    }
    if (!isSame && type === 'set') {
      this.#judgedMs.delete(key)
      this.#loop.add({ key, lane: 0, shard: key, group: key })
    }
    if (!isSame || readiness(before) !== readiness(object)) this.#changed(key)
  }

  async #work({ key, sinceMs }: Work): Promise<WorkNext> {
    const place = this.#places.get(key)
    if (place === undefined) return { next: 'nothing' }
    const { clock, metrics, stores } = this.#parts
    const waitMs = (this.#judgedMs.get(key) ?? Number.NEGATIVE_INFINITY) + probeGapMs - clock.monotonic()
    if (waitMs > 0) return { next: 'later', atMs: clock.now() + waitMs }
    this.#judgedMs.set(key, clock.monotonic())
    const startMs = clock.monotonic()
    const judged = await this.#judge.judge(place, sinceMs)
    const store = stores.get(place)
    if (store !== undefined) metrics.told(place.kind, store, clock.monotonic() - startMs)
    if (judged.next === 'again') this.#judgedMs.delete(key)
    if (judged.next !== 'later') return judged
    return { next: 'later', atMs: clock.now() + judged.afterMs }
  }

  /** Something went wrong at its provider: is it the store, or what was asked for? */
  #doubted(store: SecretStore): void {
    const { kind, metadata } = store
    const { name = '', namespace = '', uid } = metadata
    const place: StorePlace = { kind: kind as StoreKind, namespace, name }
    const key = storeKey(place)
    const known = this.#parts.stores.get(place)
    if (known?.metadata.uid === uid) this.#loop.add({ key, lane: 0, shard: key, group: key })
    else this.#parts.reads.judged(store)
  }
}

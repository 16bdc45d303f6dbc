import type { WorkNext } from '../base/queues/work-loop.ts'
import type { ExternalSecret } from '../kinds/external-secret/v1.ts'
import { isStatusReason } from '../machinery/status.ts'
import { parseTime } from '../machinery/time.ts'
import { type Applied, applyTarget } from './apply.ts'
import { SyncError } from './errors.ts'
import type { Happening } from './events.ts'
import { fetchData, type Source, type StoreRef } from './fetch.ts'
import { hashOfContent } from './hash.ts'
import type { Content } from './render/content.ts'
import { renderTarget } from './render/render.ts'
import { readAllDocuments } from './render/template-documents.ts'
import { creatorOf, statusManager, syncedVersionOf } from './target/marks.ts'
import type { WrittenTarget } from './known/memory.ts'
import { notServed } from './target/not-served.ts'
import { creationPolicyOf, isOwnerPolicy, targetNameOf } from './target/policy.ts'
import { isRefreshDue, nextLookAt } from './schedule.ts'
import { absent, failedWith, isWorthWriting, type PassResult, statusAfter, synced } from './status.ts'
import { storeKey, type StorePlace, storePlace, storePlacesOf } from './stores/store-ref.ts'
import { readiness } from './stores/stores.ts'
import type { SyncerParts } from './syncer-parts.ts'
import { isTargetValid, type Targets } from './target/targets.ts'

export interface PassParts extends SyncerParts {
  readonly targets: Targets
}

interface Done {
  readonly target?: WrittenTarget
  /** The target changed: then the time is told, too. */
  readonly hasWritten?: boolean
}

const nothing = { next: 'nothing' } as const
const retry = { next: 'retry' } as const

/** One look at one ExternalSecret, from the question whether anything is due to the status that tells it. */
export class Pass {
  readonly #parts: PassParts
  readonly #key: string
  readonly #object: ExternalSecret
  readonly #sinceMs: number
  readonly #startMs: number
  readonly #sources = new Map<string, Promise<Source>>()

  constructor(parts: PassParts, { key, object, sinceMs }: { key: string; object: ExternalSecret; sinceMs: number }) {
    this.#parts = parts
    this.#key = key
    this.#object = object
    this.#sinceMs = sinceMs
    this.#startMs = parts.clock.now()
  }

  async run(): Promise<WorkNext> {
    const places = storePlacesOf(this.#object)
    if (!this.#parts.stores.areOurs(places)) return nothing
    const judgedAt = this.#judgedAt(places)
    if (judgedAt > this.#startMs) return { next: 'later', atMs: judgedAt }
    const facts = this.#parts.targets.get(this.#namespace, targetNameOf(this.#object))
    const isDue = isRefreshDue(this.#looked(), this.#startMs)
    return isDue || !isTargetValid(this.#object, facts) ? this.#sync() : this.#whenDue()
  }

  get #namespace(): string {
    return this.#object.metadata.namespace ?? ''
  }

  get #uid(): string {
    return this.#object.metadata.uid ?? ''
  }

  /** A store that was just made is given the time to be judged, before anyone calls it not ready. */
  #judgedAt(places: readonly StorePlace[]): number {
    const { stores } = this.#parts
    const known = places.flatMap((place) => stores.get(place) ?? [])
    const unjudged = known.filter((store) => stores.isOurs(store) && readiness(store) === undefined)
    const made = unjudged.map(({ metadata }) => parseTime(metadata.creationTimestamp ?? '') ?? 0)
    return Math.max(0, ...made) + this.#parts.options.storeGraceMs
  }

  #looked() {
    const lastSyncMs = this.#parts.memory.get(this.#uid)?.lastSyncMs
    return { externalSecret: this.#object, ...(lastSyncMs !== undefined && { lastSyncMs }) }
  }

  #whenDue(): WorkNext {
    const atMs = nextLookAt(this.#looked(), this.#startMs)
    return atMs === undefined ? nothing : { next: 'later', atMs }
  }

  async #sync(): Promise<WorkNext> {
    const { spec } = this.#object
    const unserved = notServed(spec)
    if (unserved !== undefined) return this.#failed('could not update secret', unserved, nothing)
    let data: ReadonlyMap<string, Uint8Array>
    try {
      data = await fetchData({ spec, open: (ref) => this.#source(ref), engine: this.#parts.engine })
    } catch (error) {
      const detail = error instanceof SyncError ? error.message : 'the fetch failed'
      return this.#failed('could not get secret data from provider', detail, retry)
    }
    if (data.size === 0) return this.#succeeded({ ...synced, message: 'secret retained due to DeletionPolicy=Retain' })
    if (creationPolicyOf(this.#object) === 'None') return this.#succeeded(synced)
    return this.#render(data)
  }

  #source(ref: StoreRef): Promise<Source> {
    const place = storePlace(ref, this.#namespace)
    const known = this.#sources.get(storeKey(place))
    if (known !== undefined) return known
    const source = this.#open(place)
    this.#sources.set(storeKey(place), source)
    return source
  }

  async #open(place: StorePlace): Promise<Source> {
    const { stores, namespaces, pool, reads } = this.#parts
    const store = stores.usable(place, namespaces.get(this.#namespace))
    const identity = await pool.borrow({ store, consumer: this.#namespace, sinceMs: this.#sinceMs })
    return reads.source({ store, identity }, this.#sinceMs)
  }

  async #render(values: ReadonlyMap<string, Uint8Array>): Promise<WorkNext> {
    const { clients, engine, targets } = this.#parts
    try {
      const documents = await readAllDocuments(this.#object, clients)
      return await this.#pour(renderTarget({ externalSecret: this.#object, values, documents, engine }))
    } catch (error) {
      if (!(error instanceof SyncError)) throw error
      const name = targetNameOf(this.#object)
      const place = targets.get(this.#namespace, name) === undefined ? '' : `unable to mutate secret ${name}: `
      return this.#failed('could not update secret', place + error.message, retry)
    }
  }

  async #pour(content: Content): Promise<WorkNext> {
    const { clients, memory, targets } = this.#parts
    const boundTo = targetNameOf(this.#object)
    const wanted = `${syncedVersionOf(this.#object.metadata)} ${hashOfContent(content)}`
    const known = memory.get(this.#uid)?.target
    const facts = targets.get(this.#namespace, boundTo)
    if (known !== undefined && known.wanted === wanted && known.resourceVersion === facts?.resourceVersion) {
      return this.#poured({ target: known })
    }
    const applied = await applyTarget({ externalSecret: this.#object, content }, clients.secrets, facts !== undefined)
    return this.#applied(applied, wanted)
  }

  async #applied(applied: Applied, wanted: string): Promise<WorkNext> {
    switch (applied.result) {
      case 'conflict':
        return { next: 'again' }
      case 'absent':
        return this.#succeeded(absent)
      case 'refused': {
        const { refusal, isRetried, isBound } = applied
        const result = { ...failedWith(refusal.message), ...(isBound && { boundTo: targetNameOf(this.#object) }) }
        this.#tell('Warning', 'UpdateFailed', refusal.detail)
        return (await this.#write(result)) ?? (isRetried ? retry : nothing)
      }
      case 'created':
        this.#tell('Normal', 'Created', 'secret created')
        break
      case 'updated':
        this.#tell('Normal', 'Updated', 'secret updated')
        break
      case 'unchanged':
    }
    const target = { resourceVersion: applied.resourceVersion, wanted }
    return this.#poured({ target, hasWritten: applied.result !== 'unchanged' })
  }

  /** The target stands. Only now goes what stood under another name: a refused target must not leave nothing. */
  async #poured(done: Done): Promise<WorkNext> {
    if (isOwnerPolicy(this.#object) && !(await this.#removeOrphans())) {
      return this.#failed('could not delete orphaned secrets', 'could not delete orphaned secrets', retry)
    }
    return this.#succeeded({ ...synced, boundTo: targetNameOf(this.#object) }, done)
  }

  /** Secrets that this ExternalSecret made under another target name. */
  async #removeOrphans(): Promise<boolean> {
    const { clients, targets } = this.#parts
    const creator = creatorOf(this.#namespace, this.#object.metadata.name ?? '')
    for (const name of targets.madeBy(this.#namespace, creator)) {
      if (name === targetNameOf(this.#object)) continue
      try {
        const uid = targets.get(this.#namespace, name)?.uid
        await clients.secrets.delete({ namespace: this.#namespace, name }, uid === undefined ? {} : { uid })
        this.#tell('Normal', 'Deleted', 'secret deleted because it was orphaned')
      } catch (error) {
        if (!isStatusReason(error, 'NotFound') && !isStatusReason(error, 'Conflict')) return false
      }
    }
    return true
  }

  async #succeeded(result: PassResult, done: Done = {}): Promise<WorkNext> {
    this.#parts.memory.set(this.#uid, { lastSyncMs: this.#startMs, target: done.target })
    return (await this.#write(result, done)) ?? this.#whenDue()
  }

  async #failed(message: string, detail: string, next: WorkNext): Promise<WorkNext> {
    this.#tell('Warning', 'UpdateFailed', detail)
    return (await this.#write(failedWith(message))) ?? next
  }

  #tell(type: Happening['type'], reason: string, message: string): void {
    this.#parts.events.tell({ component: 'external-secrets', object: this.#object, type, reason, message })
  }

  /** Answers what to do instead where the status could not be written. */
  async #write(result: PassResult, { hasWritten = false }: Done = {}): Promise<WorkNext | undefined> {
    const { clients, externalSecrets, options } = this.#parts
    const status = statusAfter(this.#object, result, this.#startMs)
    if (!hasWritten && !isWorthWriting(this.#object.status, status, options.refreshTimeGranularityMs)) return undefined
    try {
      const written = await clients.externalSecrets.updateStatus(
        { ...this.#object, status },
        { fieldManager: statusManager },
      )
      externalSecrets.written(this.#key, written)
      return undefined
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return nothing
      return isStatusReason(error, 'Conflict') ? { next: 'again' } : retry
    }
  }
}

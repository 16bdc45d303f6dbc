import type { WorkNext } from '../base/queues/work-loop.ts'
import type { ExternalSecret } from '../kinds/external-secret/v1.ts'
import { isStatusReason } from '../machinery/status.ts'
import { parseTime } from '../machinery/time.ts'
import { type Applied, type ApplyRequest, applyTarget } from './apply.ts'
import { SyncError } from './errors.ts'
import type { Happening } from './events.ts'
import { type Fetched, fetchData } from './fetch.ts'
import { hashOfContent } from './hash.ts'
import { Loss } from './missing/loss.ts'
import { renderTarget } from './render/render.ts'
import { readAllDocuments } from './render/template-documents.ts'
import { statusManager, syncedVersionOf } from './target/marks.ts'
import type { WrittenTarget } from './known/memory.ts'
import { notServed } from './target/not-served.ts'
import { creationPolicyOf, deletionPolicyOf, isOwnerPolicy, targetNameOf } from './target/policy.ts'
import { isRefreshDue, nextLookAt, retryPauseMax } from './schedule.ts'
import { absent, failedWith, isWorthWriting, type PassResult, statusAfter, synced } from './status.ts'
import { heldUntil } from './stores/outage.ts'
import { type StorePlace, storePlacesOf } from './stores/store-ref.ts'
import { readiness } from './stores/stores.ts'
import type { SyncerParts } from './syncer-parts.ts'
import type { GeneratorRef } from './values/generators.ts'
import type { TargetFacts } from './target/target-facts.ts'
import { Removal } from './target/removal.ts'
import { isTargetValid, type Targets } from './target/targets.ts'
import { Sources } from './values/sources.ts'
import { useRight } from './stores/use-right.ts'

export interface PassParts extends SyncerParts {
  readonly targets: Targets
}

interface Done {
  readonly target?: WrittenTarget
  /** The target changed: then the time is told, too. */
  readonly hasWritten?: boolean
}

const nothing = { next: 'nothing' } as const

/** One look at one ExternalSecret, from the question whether anything is due to the status that tells it. */
export class Pass {
  readonly #parts: PassParts
  readonly #key: string
  readonly #object: ExternalSecret
  readonly #startMs: number
  readonly #sources: Sources
  readonly #loss: Loss
  readonly #removal: Removal

  constructor(parts: PassParts, { key, object, sinceMs }: { key: string; object: ExternalSecret; sinceMs: number }) {
    this.#parts = parts
    this.#key = key
    this.#object = object
    this.#startMs = parts.clock.now()
    const { clients, externalSecrets, missing, targets } = parts
    const tell = this.#tell.bind(this)
    this.#sources = new Sources({ parts, object, sinceMs })
    this.#loss = new Loss({ object, missing, total: () => externalSecrets.count, tell })
    const removed = (message: string): void => tell('Normal', 'Deleted', message)
    this.#removal = new Removal({ object, client: clients.secrets, targets, removed })
  }

  async run(): Promise<WorkNext> {
    const places = storePlacesOf(this.#object)
    if (!this.#parts.stores.areOurs(places)) return nothing
    const judgedAt = this.#judgedAt(places)
    if (judgedAt > this.#startMs) return { next: 'later', atMs: judgedAt }
    const facts = this.#facts
    const heldUntilMs = heldUntil(this.#looked(), { places, facts, parts: this.#parts }, this.#startMs)
    if (heldUntilMs !== undefined) return { next: 'later', atMs: heldUntilMs }
    const isDue = isRefreshDue(this.#looked(), this.#startMs)
    return isDue || !isTargetValid(this.#object, facts) ? this.#sync() : this.#whenDue()
  }

  get #namespace(): string {
    return this.#object.metadata.namespace ?? ''
  }

  get #uid(): string {
    return this.#object.metadata.uid ?? ''
  }

  get #facts(): TargetFacts | undefined {
    return this.#parts.targets.get(this.#namespace, targetNameOf(this.#object))
  }

  get #retry(): WorkNext {
    return { next: 'retry', pauseMaxMs: retryPauseMax(this.#object.spec, this.#parts.options.retryMaxMs) }
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
    const right = await useRight(this.#parts.mayUse, this.#object)
    if (right.verdict === 'superseded') return { next: 'again' }
    if (right.verdict !== 'yes') return this.#failed(right.why, right.why, this.#retry)
    const unserved = notServed(spec)
    if (unserved !== undefined) return this.#failed('could not update secret', unserved, nothing)
    let fetched: Fetched
    try {
      const { engine, generators } = this.#parts
      const generate = (ref: GeneratorRef) => generators.generate(ref, this.#namespace)
      fetched = await fetchData({ spec, open: (ref) => this.#sources.open(ref), generate, engine })
    } catch (error) {
      const detail = error instanceof SyncError ? error.message : 'the fetch failed'
      const isUnserved = error instanceof SyncError && error.code === 'not-served'
      return this.#failed(isUnserved ? detail : 'could not get secret data from provider', detail, this.#retry)
    }
    const waitMs = this.#loss.waitMs(fetched, this.#facts)
    if (waitMs > 0) return { next: 'later', atMs: this.#startMs + waitMs }
    if (fetched.values.size === 0 && deletionPolicyOf(this.#object) !== 'Merge') return this.#emptied()
    if (creationPolicyOf(this.#object) === 'None') return this.#succeeded(synced)
    return this.#render(fetched)
  }

  /** Nothing at all was fetched. */
  async #emptied(): Promise<WorkNext> {
    const emptied = await this.#loss.emptied(this.#facts, this.#removal)
    if ('result' in emptied) return this.#succeeded(emptied.result, emptied)
    const { refusal, isRetried } = emptied
    return this.#failed(refusal.message, refusal.detail, isRetried ? this.#retry : nothing)
  }

  async #render(fetched: Fetched): Promise<WorkNext> {
    const { clients, engine, options } = this.#parts
    try {
      const documents = await readAllDocuments(this.#object, clients)
      const { values } = fetched
      const content = renderTarget({ externalSecret: this.#object, values, documents, engine })
      return await this.#pour({
        externalSecret: this.#object,
        content,
        adoption: options.adoption,
        ...(this.#loss.isIn(fetched) && { mayRemove: () => this.#loss.mayRemove() }),
      })
    } catch (error) {
      if (!(error instanceof SyncError)) throw error
      const place = this.#facts === undefined ? '' : `unable to mutate secret ${targetNameOf(this.#object)}: `
      return this.#failed('could not update secret', place + error.message, this.#retry)
    }
  }

  async #pour(request: ApplyRequest): Promise<WorkNext> {
    const { clients, memory } = this.#parts
    const wanted = `${syncedVersionOf(this.#object.metadata)} ${hashOfContent(request.content)}`
    const known = memory.get(this.#uid)?.target
    const facts = this.#facts
    if (known !== undefined && known.wanted === wanted && known.resourceVersion === facts?.resourceVersion) {
      return this.#poured({ target: known })
    }
    const applied = await applyTarget(request, clients.secrets, facts !== undefined)
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
        return (await this.#write(result)) ?? (isRetried ? this.#retry : nothing)
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
    if (isOwnerPolicy(this.#object) && !(await this.#removal.removeOrphans())) {
      return this.#failed('could not delete orphaned secrets', 'could not delete orphaned secrets', this.#retry)
    }
    return this.#succeeded({ ...synced, boundTo: targetNameOf(this.#object) }, done)
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
      return isStatusReason(error, 'Conflict') ? { next: 'again' } : this.#retry
    }
  }
}

import type { WorkNext } from '../base/queues/work-loop.ts'
import type { ExternalSecret, ExternalSecretStatus } from '../kinds/external-secret/v1.ts'
import { isStatusReason } from '../machinery/status.ts'
import { parseTime } from '../machinery/time.ts'
import { type Applied, type ApplyRequest, applyTarget } from './apply.ts'
import { SyncError } from './errors.ts'
import type { Happening } from './events.ts'
import { type Fetched, fetchData, type Source, type StoreRef } from './fetch.ts'
import { hashOfContent } from './hash.ts'
import { brakeRefusal } from './missing/missing.ts'
import { renderTarget } from './render/render.ts'
import { readAllDocuments } from './render/template-documents.ts'
import { creatorOf, statusManager, syncedVersionOf } from './target/marks.ts'
import type { WrittenTarget } from './known/memory.ts'
import { notServed } from './target/not-served.ts'
import { creationPolicyOf, deletionPolicyOf, isOwnerPolicy, targetNameOf } from './target/policy.ts'
import { isRefreshDue, nextLookAt, retryPauseMax } from './schedule.ts'
import {
  absent,
  deleted,
  failedWith,
  isWorthWriting,
  type PassResult,
  retained,
  statusAfter,
  synced,
} from './status.ts'
import { heldUntil } from './stores/outage.ts'
import { storeKey, type StorePlace, storePlace, storePlacesOf } from './stores/store-ref.ts'
import { readiness } from './stores/stores.ts'
import type { SyncerParts } from './syncer-parts.ts'
import type { GeneratorRef } from './values/generators.ts'
import type { TargetFacts } from './target/target-facts.ts'
import { isTargetValid, type Targets } from './target/targets.ts'
import { useRight } from './stores/use-right.ts'

export interface PassParts extends SyncerParts {
  readonly targets: Targets
}

interface Done {
  readonly target?: WrittenTarget
  /** The target changed: then the time is told, too. */
  readonly hasWritten?: boolean
}

/** What a pass that went through to its end has told. */
export interface PassOutcome {
  readonly result: PassResult
  /** With what came of it, whether that was worth writing or not. */
  readonly status: ExternalSecretStatus
}

interface PassSubject {
  readonly key: string
  readonly object: ExternalSecret
  readonly sinceMs: number
  /** Somebody wants it now, whatever is due. */
  readonly isForced: boolean
}

/** Stands for a find without a match, and for a secret without a key. */
const nothingFound = 'nothing found'

/** Whether something goes because it is missing, and not because somebody changed what is wanted. */
function isLosing(externalSecret: ExternalSecret, { values, missing }: Fetched): boolean {
  return missing.length > 0 || (values.size === 0 && deletionPolicyOf(externalSecret) !== 'Retain')
}

const nothing = { next: 'nothing' } as const

/** One look at one ExternalSecret, from the question whether anything is due to the status that tells it. */
export class Pass {
  readonly #parts: PassParts
  readonly #key: string
  readonly #object: ExternalSecret
  readonly #sinceMs: number
  readonly #isForced: boolean
  readonly #startMs: number
  readonly #sources = new Map<string, Promise<Source>>()

  #outcome: PassOutcome | undefined

  constructor(parts: PassParts, { key, object, sinceMs, isForced }: PassSubject) {
    this.#parts = parts
    this.#key = key
    this.#object = object
    this.#sinceMs = sinceMs
    this.#isForced = isForced
    this.#startMs = parts.clock.now()
  }

  /** Undefined while the pass is put off or has to be made again. */
  get outcome(): PassOutcome | undefined {
    return this.#outcome
  }

  async run(): Promise<WorkNext> {
    const places = storePlacesOf(this.#object)
    if (!this.#parts.stores.areOurs(places)) return nothing
    const judgedAt = this.#judgedAt(places)
    if (judgedAt > this.#startMs) return { next: 'later', atMs: judgedAt }
    if (this.#isForced) return this.#sync()
    const facts = this.#parts.targets.get(this.#namespace, targetNameOf(this.#object))
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
      fetched = await fetchData({ spec, open: (ref) => this.#source(ref), generate, engine })
    } catch (error) {
      const detail = error instanceof SyncError ? error.message : 'the fetch failed'
      const isUnserved = error instanceof SyncError && error.code === 'not-served'
      return this.#failed(isUnserved ? detail : 'could not get secret data from provider', detail, this.#retry)
    }
    const waitMs = this.#missingFor(fetched)
    if (waitMs > 0) return { next: 'later', atMs: this.#startMs + waitMs }
    if (fetched.values.size === 0 && deletionPolicyOf(this.#object) !== 'Merge') return this.#emptied()
    if (creationPolicyOf(this.#object) === 'None') return this.#succeeded(synced)
    return this.#render(fetched)
  }

  /** How long what is missing has to stay so before it takes something away; not at all where there is nothing yet. */
  #missingFor(fetched: Fetched): number {
    const { missing, targets } = this.#parts
    if (!isLosing(this.#object, fetched)) {
      missing.forget(this.#uid)
      return 0
    }
    const entries = fetched.missing.length > 0 ? fetched.missing : [nothingFound]
    for (const entry of missing.see(this.#uid, entries)) {
      if (entry === nothingFound) continue
      this.#tell('Normal', 'MissingProviderSecret', `secret does not exist at provider using ${entry}`)
    }
    const isThere = targets.get(this.#namespace, targetNameOf(this.#object)) !== undefined
    return isThere ? missing.waitMs(this.#uid) : 0
  }

  /** Nothing at all was fetched. */
  async #emptied(): Promise<WorkNext> {
    if (deletionPolicyOf(this.#object) === 'Retain') return this.#succeeded(retained)
    const name = targetNameOf(this.#object)
    const facts = this.#parts.targets.get(this.#namespace, name)
    if (!isOwnerPolicy(this.#object)) {
      return this.#failed('could not delete secret', 'deletionPolicy=Delete needs creationPolicy=Owner', nothing)
    }
    if (facts === undefined) return this.#succeeded(deleted)
    if (!this.#isMadeByUs(facts)) {
      return this.#failed('could not delete secret', `secret ${name} is not owned by this ExternalSecret`, nothing)
    }
    if (!this.#mayRemove()) return this.#failed(brakeRefusal.message, brakeRefusal.detail, this.#retry)
    if (!(await this.#remove(name, deleted.message))) {
      return this.#failed('could not delete secret', `could not delete secret ${name}`, this.#retry)
    }
    return this.#succeeded(deleted, { hasWritten: true })
  }

  #isMadeByUs({ controllerUid, creator }: TargetFacts): boolean {
    return controllerUid === this.#uid || creator === creatorOf(this.#namespace, this.#object.metadata.name ?? '')
  }

  #mayRemove(): boolean {
    const { externalSecrets, missing } = this.#parts
    return missing.mayRemove(this.#uid, externalSecrets.count)
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
    const { missing, stores, namespaces, reads } = this.#parts
    const sinceMs = Math.max(this.#sinceMs, missing.readSince(this.#uid))
    const store = stores.usable(place, namespaces.get(this.#namespace))
    return reads.open({ store, consumer: this.#namespace, sinceMs })
  }

  async #render(fetched: Fetched): Promise<WorkNext> {
    const { clients, engine, options, targets } = this.#parts
    try {
      const documents = await readAllDocuments(this.#object, clients)
      const { values } = fetched
      const content = renderTarget({ externalSecret: this.#object, values, documents, engine })
      const isLoss = isLosing(this.#object, fetched)
      return await this.#pour({
        externalSecret: this.#object,
        content,
        adoption: options.adoption,
        ...(isLoss && { mayRemove: () => this.#mayRemove() }),
      })
    } catch (error) {
      if (!(error instanceof SyncError)) throw error
      const name = targetNameOf(this.#object)
      const place = targets.get(this.#namespace, name) === undefined ? '' : `unable to mutate secret ${name}: `
      return this.#failed('could not update secret', place + error.message, this.#retry)
    }
  }

  async #pour(request: ApplyRequest): Promise<WorkNext> {
    const { clients, memory, targets } = this.#parts
    const boundTo = targetNameOf(this.#object)
    const wanted = `${syncedVersionOf(this.#object.metadata)} ${hashOfContent(request.content)}`
    const known = memory.get(this.#uid)?.target
    const facts = targets.get(this.#namespace, boundTo)
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
        const failure = failedWith(refusal.message, refusal.detail)
        const result = { ...failure, ...(isBound && { boundTo: targetNameOf(this.#object) }) }
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
    if (isOwnerPolicy(this.#object) && !(await this.#removeOrphans())) {
      return this.#failed('could not delete orphaned secrets', 'could not delete orphaned secrets', this.#retry)
    }
    return this.#succeeded({ ...synced, boundTo: targetNameOf(this.#object) }, done)
  }

  /** Secrets that this ExternalSecret made under another target name. */
  async #removeOrphans(): Promise<boolean> {
    const { targets } = this.#parts
    const creator = creatorOf(this.#namespace, this.#object.metadata.name ?? '')
    for (const name of targets.madeBy(this.#namespace, creator)) {
      if (name === targetNameOf(this.#object)) continue
      if (!(await this.#remove(name, 'secret deleted because it was orphaned'))) return false
    }
    return true
  }

  /** Deletes the Secret that is known under that name, and no other; one that is gone or another is left alone. */
  async #remove(name: string, message: string): Promise<boolean> {
    const { clients, targets } = this.#parts
    const uid = targets.get(this.#namespace, name)?.uid
    try {
      await clients.secrets.delete({ namespace: this.#namespace, name }, uid === undefined ? {} : { uid })
      this.#tell('Normal', 'Deleted', message)
    } catch (error) {
      return isStatusReason(error, 'NotFound') || isStatusReason(error, 'Conflict')
    }
    return true
  }

  async #succeeded(result: PassResult, done: Done = {}): Promise<WorkNext> {
    this.#parts.memory.set(this.#uid, { lastSyncMs: this.#startMs, target: done.target })
    return (await this.#write(result, done)) ?? this.#whenDue()
  }

  async #failed(message: string, detail: string, next: WorkNext): Promise<WorkNext> {
    this.#tell('Warning', 'UpdateFailed', detail)
    return (await this.#write(failedWith(message, detail))) ?? next
  }

  #tell(type: Happening['type'], reason: string, message: string): void {
    this.#parts.events.tell({ component: 'external-secrets', object: this.#object, type, reason, message })
  }

  /** Answers what to do instead where the status could not be written. */
  async #write(result: PassResult, { hasWritten = false }: Done = {}): Promise<WorkNext | undefined> {
    const { clients, externalSecrets, options } = this.#parts
    const status = statusAfter(this.#object, result, this.#startMs)
    const isTold = !hasWritten && !isWorthWriting(this.#object.status, status, options.refreshTimeGranularityMs)
    if (isTold) return this.#ended({ result, status })
    try {
      const written = await clients.externalSecrets.updateStatus(
        { ...this.#object, status },
        { fieldManager: statusManager },
      )
      externalSecrets.written(this.#key, written)
      return this.#ended({ result, status })
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return nothing
      return isStatusReason(error, 'Conflict') ? { next: 'again' } : this.#retry
    }
  }

  #ended(outcome: PassOutcome): undefined {
    this.#outcome = outcome
  }
}

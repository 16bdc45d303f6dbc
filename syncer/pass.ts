import type { WorkNext } from '../base/queues/work-loop.ts'
import type { ExternalSecret } from '../kinds/external-secret/v1.ts'
import { parseTime } from '../machinery/time.ts'
import { type Applied, applyTarget } from './apply.ts'
import { SyncError } from './errors.ts'
import { type Fetched, fetchData } from './fetch.ts'
import { StateTransaction } from './generator-states/state-transaction.ts'
import { Loss } from './missing/loss.ts'
import { readAllDocuments } from './render/template-documents.ts'
import { type PassOutcome, Report } from './report/report.ts'
import { syncedVersionOf } from './target/marks.ts'
import type { WrittenTarget } from './known/memory.ts'
import { creationPolicyOf, deletionPolicyOf, isOwnerPolicy, targetNameOf } from './target/policy.ts'
import { isRefreshDue, nextLookAt } from './schedule.ts'
import { absent, failedWith, type PassResult, synced } from './status.ts'
import { heldUntil } from './stores/outage.ts'
import { type StorePlace, storePlacesOf } from './stores/store-ref.ts'
import { readiness } from './stores/stores.ts'
import type { SyncerParts } from './syncer-parts.ts'
import type { TargetFacts } from './target/target-facts.ts'
import { Removal } from './target/removal.ts'
import type { Pouring, TargetKind } from './target/target-kind.ts'
import { isTargetValid } from './target/targets.ts'
import { Sources } from './values/sources.ts'
import { useRight } from './stores/use-right.ts'

export interface Passed {
  readonly key: string
  readonly object: ExternalSecret
  /** What was read before that does not serve. */
  readonly sinceMs: number
  readonly target: TargetKind
  /** Somebody wants it now, whatever is due. */
  readonly isForced: boolean
}

interface Done {
  readonly target?: WrittenTarget
  /** The target changed: then the time is told, too. */
  readonly hasWritten?: boolean
}

const nothing = { next: 'nothing' } as const

/** One look at one ExternalSecret of ours, from the question whether anything is due to the status that tells it. */
export class Pass {
  readonly #parts: SyncerParts
  readonly #object: ExternalSecret
  readonly #target: TargetKind
  readonly #isForced: boolean
  readonly #startMs: number
  readonly #sources: Sources
  readonly #states: StateTransaction
  readonly #loss: Loss
  readonly #removal: Removal
  readonly #report: Report

  constructor(parts: SyncerParts, { key, object, sinceMs, target, isForced }: Passed) {
    const { externalSecrets, missing } = parts
    const { words } = target
    this.#parts = parts
    this.#object = object
    this.#target = target
    this.#isForced = isForced
    this.#startMs = parts.clock.now()
    const report = new Report(parts, { key, object, words, startMs: this.#startMs })
    const tell = report.tell.bind(report)
    this.#report = report
    this.#sources = new Sources({ parts, object, sinceMs })
    this.#states = new StateTransaction(parts, object)
    this.#loss = new Loss({ object, missing, words, total: () => externalSecrets.count, tell })
    this.#removal = new Removal({ object, target, removed: (message) => tell('Normal', 'Deleted', message) })
  }

  /** Undefined while the pass is put off or has to be made again. */
  get outcome(): PassOutcome | undefined {
    return this.#report.outcome
  }

  async run(): Promise<WorkNext> {
    const places = storePlacesOf(this.#object)
    const judgedAt = this.#judgedAt(places)
    if (judgedAt > this.#startMs) return { next: 'later', atMs: judgedAt }
    if (this.#isForced) return this.#sync()
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
    return this.#target.targets.get(this.#namespace, targetNameOf(this.#object))
  }

  get #bound(): Pick<PassResult, 'boundTo'> {
    return this.#target.words.isBound ? { boundTo: targetNameOf(this.#object) } : {}
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
    return { externalSecret: this.#object, lastSyncMs: this.#parts.memory.get(this.#uid)?.lastSyncMs }
  }

  #whenDue(): WorkNext {
    const atMs = nextLookAt(this.#looked(), this.#startMs)
    return atMs === undefined ? nothing : { next: 'later', atMs }
  }

  async #sync(): Promise<WorkNext> {
    try {
      return await this.#fetchAndPour()
    } finally {
      await this.#states.end()
    }
  }

  async #fetchAndPour(): Promise<WorkNext> {
    const { spec } = this.#object
    const right = await useRight(this.#parts.mayUse, this.#object)
    if (right.verdict === 'superseded') return { next: 'again' }
    if (right.verdict !== 'yes') return this.#report.failed(right.why, right.why, this.#report.retry)
    let fetched: Fetched
    try {
      fetched = await fetchData({
        spec,
        open: (ref) => this.#sources.open(ref),
        generate: (ref, index) => this.#states.generate(ref, index),
        rewrite: (values, operations) => this.#parts.renders.rewrite(values, operations, this.#namespace),
      })
      await this.#states.commit()
    } catch (error) {
      const detail = error instanceof SyncError ? error.message : 'the fetch failed'
      const isUnserved = error instanceof SyncError && error.code === 'not-served'
      return this.#report.failed(
        isUnserved ? detail : 'could not get secret data from provider',
        detail,
        this.#report.retry,
      )
    }
    const waitMs = this.#loss.waitMs(fetched, this.#facts)
    if (waitMs > 0) return { next: 'later', atMs: this.#startMs + waitMs }
    if (fetched.values.size === 0 && deletionPolicyOf(this.#object) !== 'Merge') return this.#emptied()
    if (creationPolicyOf(this.#object) !== 'None') return this.#render(fetched)
    this.#states.carried()
    return this.#succeeded(synced)
  }

  /** Nothing at all was fetched. */
  async #emptied(): Promise<WorkNext> {
    const emptied = await this.#loss.emptied(this.#facts, this.#removal)
    if ('result' in emptied) return this.#succeeded(emptied.result, emptied)
    const { refusal, isRetried } = emptied
    return this.#report.failed(refusal.message, refusal.detail, isRetried ? this.#report.retry : nothing)
  }

  async #render(fetched: Fetched): Promise<WorkNext> {
    const { clients, options } = this.#parts
    const { words } = this.#target
    try {
      const documents = await readAllDocuments(this.#object, clients)
      const unrendered = { externalSecret: this.#object, values: fetched.values, documents }
      return await this.#pour(await this.#target.render(unrendered, options.adoption), fetched)
    } catch (error) {
      if (!(error instanceof SyncError)) throw error
      const name = targetNameOf(this.#object)
      const place = this.#facts === undefined ? '' : `unable to mutate ${words.named(name)}: `
      return this.#report.failed(words.unrenderable, place + error.message, this.#report.retry)
    }
  }

  async #pour(pouring: Pouring, fetched: Fetched): Promise<WorkNext> {
    const made = { version: syncedVersionOf(this.#object.metadata), hash: pouring.hash }
    const known = this.#parts.memory.get(this.#uid)?.target
    const facts = this.#facts
    const isSame = known?.version === made.version && known.hash === made.hash
    // As it was left then, with its marks.
    const isAsLeft = isSame && known.resourceVersion === facts?.resourceVersion
    if (isAsLeft) return this.#poured({ target: known }, facts?.creator)
    const applied = await applyTarget({
      externalSecret: this.#object,
      pouring,
      target: this.#target,
      isKnown: facts !== undefined,
      ...(this.#loss.isIn(fetched) && { mayRemove: () => this.#loss.mayRemove() }),
    })
    return this.#applied(applied, made)
  }

  async #applied(applied: Applied, made: Omit<WrittenTarget, 'resourceVersion'>): Promise<WorkNext> {
    const { words } = this.#target
    const name = targetNameOf(this.#object)
    switch (applied.result) {
      case 'conflict':
        return { next: 'again' }
      case 'absent':
        return this.#succeeded({ ...absent, message: words.absent })
      case 'refused': {
        const { refusal, isRetried, isBound, isDoubtful } = applied
        if (isDoubtful === true) this.#states.doubted()
        const result = { ...failedWith(refusal.message, refusal.detail), ...(isBound && this.#bound) }
        this.#report.tell('Warning', 'UpdateFailed', refusal.detail)
        return (await this.#report.write(result)) ?? (isRetried ? this.#report.retry : nothing)
      }
      case 'created':
        this.#report.tell('Normal', 'Created', words.written('Created', name))
        break
      case 'updated':
        this.#report.tell('Normal', 'Updated', words.written('Updated', name))
        break
      case 'unchanged':
    }
    // What stands in an immutable target stays there.
    const isKept = this.#object.spec.target?.immutable === true && applied.result !== 'created'
    if (!isKept) this.#states.carried()
    const target = { resourceVersion: applied.resourceVersion, ...made }
    return this.#poured({ target, hasWritten: applied.result !== 'unchanged' })
  }

  /** The target stands. Only now goes what stood under another name: a refused target must not leave nothing. */
  async #poured(done: Done, creator?: string): Promise<WorkNext> {
    if (isOwnerPolicy(this.#object) && !(await this.#removal.removeOrphans(creator))) {
      return this.#report.failed(
        'could not delete orphaned secrets',
        'could not delete orphaned secrets',
        this.#report.retry,
      )
    }
    return this.#succeeded({ ...this.#bound, ...synced }, done)
  }

  async #succeeded(result: PassResult, done: Done = {}): Promise<WorkNext> {
    this.#parts.memory.set(this.#uid, { lastSyncMs: this.#startMs, target: done.target })
    return (await this.#report.write(result, done)) ?? this.#whenDue()
  }
}

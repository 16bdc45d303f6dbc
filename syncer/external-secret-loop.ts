import { WorkLoop, type WorkNext } from '../base/queues/work-loop.ts'
import type { Work } from '../base/queues/work-queue.ts'
import type { MaybePromise } from '../base/waiting/maybe-promise.ts'
import type { ExternalSecret } from '../kinds/external-secret/v1.ts'
import type { WatchNotice } from '../machinery/client.ts'
import { conflict, notFound } from '../machinery/status-errors.ts'
import { SharedTexts } from './known/shared-texts.ts'
import { hasFormerFinalizer, removeFormerFinalizer } from './known/former-finalizer.ts'
import { follow } from './known/watching.ts'
import { changeOf, laneOf, lanes, type Reason } from './known/work-reason.ts'
import { Pass, type Passed } from './pass.ts'
import { Report, type PassOutcome } from './report/report.ts'
import { targetKeyOf, targetNameOf } from './target/policy.ts'
import { storeKey, storePlacesOf } from './stores/store-ref.ts'
import type { SyncerParts } from './syncer-parts.ts'
import { type Asked, answeredBy, RefreshWishes } from './verbs/refresh-wishes.ts'
import { checkDrift } from './target/drift-check.ts'
import { couldLook } from './target/look.ts'
import type { TargetKind } from './target/target-kind.ts'
import { TargetKinds, type Unopened } from './target/target-kinds.ts'
import { isTargetValid } from './target/targets.ts'
import { resourceWords } from './target/words.ts'

type Looked = Pick<Passed, 'key' | 'object' | 'sinceMs'>

/** Follows the ExternalSecrets and their targets, and gives each its passes. */
export class ExternalSecretLoop {
  readonly #parts: SyncerParts
  readonly #kinds: TargetKinds
  readonly #passParts: SyncerParts
  readonly #loop: WorkLoop
  readonly #wishes = new RefreshWishes()
  readonly #shards = new SharedTexts()
  /** What is listed at the start may be told what anyone of it reads after this moment; undefined from then on. */
  #listedMs: number | undefined

  constructor(parts: SyncerParts) {
    const { clients, clock, log, metrics, options, renders, signal } = parts
    this.#parts = parts
    this.#listedMs = clock.monotonic()
    this.#kinds = new TargetKinds({
      clients,
      clock,
      log,
      renders,
      signal,
      changed: (kind, namespace, name) => this.#targetChanged(kind, namespace, name),
    })
    this.#passParts = { ...parts, clients: { ...clients, secrets: this.#kinds.secrets.client } }
    this.#loop = new WorkLoop({
      clock,
      lanes: Object.keys(lanes).length,
      dueLane: lanes.due,
      retryLane: lanes.retry,
      workers: options.workers,
      shardWorkersMax: Math.max(1, options.workers >> 1),
      retryFirstMs: options.retryFirstMs,
      retryMaxMs: options.retryMaxMs,
      sharedAgeMaxMs: options.valueAgeMaxMs,
      report: metrics.queues('externalsecret'),
      work: (work) => this.#work(work),
      failed: ({ key }, error) =>
        log.error('a pass failed', { externalSecret: key, error: error instanceof Error ? error.name : 'unknown' }),
    })
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#loop.run(signal)
  }

  follow(): Promise<void> {
    const { clients, clock, log, signal } = this.#parts
    const watched = { what: 'ExternalSecret', client: clients.externalSecrets, scope: {}, clock, log, signal }
    return follow(watched, (notice) => {
      if (notice.type === 'synced') this.#listedMs = undefined
      else this.#notice(notice)
    })
  }

  /** Somebody who waits for a pass may be given what was read after this moment. */
  get oldestSinceMs(): number {
    return this.#loop.oldestSinceMs
  }

  /** Looks for what somebody did to targets where no watch tells. */
  checkDrift(): Promise<void> {
    const { clock, externalSecrets, log, options, signal } = this.#parts
    const { driftCheckIntervalMs: intervalMs } = options
    const kinds = this.#kinds
    const changed = (kind: TargetKind, object: ExternalSecret): void =>
      this.#targetChanged(kind, object.metadata.namespace ?? '', targetNameOf(object))
    return checkDrift({ kinds, externalSecrets: () => externalSecrets.all(), changed, clock, log, intervalMs }, signal)
  }

  /** Asks the provider at once, whatever is due, and answers what came of it. Rejects with a StatusError. */
  refreshed(key: string, generation: number, signal: AbortSignal): Promise<PassOutcome> {
    const outcome = this.#wishes.outcome(key, this.#asked(generation), signal)
    this.#force(key)
    return outcome
  }

  /** The same, and nobody waits. */
  refresh(keys: readonly string[]): void {
    const asked = this.#asked(0)
    for (const key of keys) {
      this.#wishes.add(key, asked)
      this.#force(key)
    }
  }

  /** Nobody works any more. */
  refuseWishes(why: () => Error): void {
    this.#wishes.refuseAll(why)
  }

  #asked(generation: number): Asked {
    return { sinceMs: this.#parts.clock.monotonic(), generation }
  }

  /** One that is not known yet is worked on when it is. */
  #force(key: string): void {
    const object = this.#parts.externalSecrets.get(key)
    if (object !== undefined) this.#addWhenWatched(key, object, 'forced')
  }

  /** A store may serve now, or may not any more. */
  storeChanged(store: string): void {
    const sinceMs = this.#parts.clock.monotonic()
    for (const key of this.#parts.externalSecrets.using(store)) this.#add(key, 'woken', sinceMs)
  }

  #notice({ type, object }: Exclude<WatchNotice<ExternalSecret>, { type: 'synced' }>): void {
    const { externalSecrets, memory, metrics, missing } = this.#parts
    const { name = '', namespace = '', uid = '' } = object.metadata
    const key = `${namespace}/${name}`
    const before = externalSecrets.get(key)
    if (type === 'deleted' || before?.metadata.uid !== uid) {
      memory.forget(before?.metadata.uid ?? '')
      missing.forget(before?.metadata.uid ?? '')
    }
    if (type === 'set') {
      externalSecrets.set(key, object)
      const reason = this.#listedMs === undefined ? changeOf(before, object) : 'woken'
      if (reason !== undefined) this.#addWhenWatched(key, object, reason)
      return
    }
    externalSecrets.remove(key)
    this.#wishes.refuse(key, () => notFound(resource, name))
    metrics.forget('ExternalSecret', object)
    this.#loop.forget(key)
    const isTarget = externalSecrets.withTarget(namespace, targetKeyOf(object)).length > 0
    if (!isTarget) this.#kinds.of(object)?.targets.forget(namespace, targetNameOf(object))
    if (!externalSecrets.isAnyIn(namespace)) this.#kinds.end(namespace)
  }

  /** Before the targets of its namespace are known, every one of them would look lost. */
  #addWhenWatched(key: string, object: ExternalSecret, reason: Reason): void {
    const sinceMs = reason === 'woken' ? this.#listedMs : undefined
    const isKnown = this.#kinds.of(object)?.targets.isKnown(object.metadata.namespace ?? '') ?? false
    if (isKnown) this.#add(key, reason, sinceMs)
    else void this.#kinds.watch(object).then(() => this.#add(key, reason, sinceMs))
  }

  #targetChanged({ prefix, targets }: TargetKind, namespace: string, name: string): void {
    const facts = targets.get(namespace, name)
    for (const key of this.#parts.externalSecrets.withTarget(namespace, prefix + name)) {
      const object = this.#parts.externalSecrets.get(key)
      if (object !== undefined && !isTargetValid(object, facts)) this.#add(key, 'changed')
    }
  }

  #add(key: string, reason: Reason, sinceMs = this.#parts.clock.monotonic()): void {
    const object = this.#parts.externalSecrets.get(key)
    if (object === undefined) return
    const [place] = storePlacesOf(object)
    const shard = place ? this.#shards.of(storeKey(place)) : ''
    this.#loop.add({ key, lane: laneOf(object, reason), shard, group: object.metadata.namespace ?? '', sinceMs })
  }

  #work({ key, sinceMs }: Work): MaybePromise<WorkNext> {
    const { externalSecrets, namespaces } = this.#parts
    const object = externalSecrets.get(key)
    if (object === undefined) return nothing
    if (hasFormerFinalizer(object)) return removeFormerFinalizer(key, object, this.#parts)
    const { deletionTimestamp, name = '', namespace = '' } = object.metadata
    const isGoing = deletionTimestamp !== undefined || namespaces.isGoing(namespace)
    if (isGoing) return this.#notOurs(key, name, 'it is being deleted')
    const looked = { key, object, sinceMs }
    const target = this.#kinds.of(object)
    if (target !== undefined) return this.#look(looked, target)
    const opening = this.#kinds.open(object)
    return opening.then((opened) => ('refusal' in opened ? this.#refuse(looked, opened) : this.#look(looked, opened)))
  }

  #look(looked: Looked, target: TargetKind): MaybePromise<WorkNext> {
    const { key, object, sinceMs } = looked
    if (!target.targets.isKnown(object.metadata.namespace ?? '')) {
      this.#addWhenWatched(key, object, 'woken')
      return nothing
    }
    const passed = { key, object, sinceMs, target, isForced: this.#wishes.isWished(key, sinceMs) }
    const could = couldLook(passed, this.#parts)
    if (could instanceof Promise) return could.then((is) => (is ? this.#pass(passed) : retry))
    return could ? this.#pass(passed) : retry
  }

  #pass(passed: Passed): MaybePromise<WorkNext> {
    const { key, object, isForced } = passed
    const startMs = this.#parts.clock.monotonic()
    if (this.#parts.stores.areOurs(storePlacesOf(object))) return this.#passOurs(passed, startMs)
    if (isForced) this.#notOurs(key, object.metadata.name ?? '', othersOwn)
    return this.#told(key, nothing, startMs)
  }

  async #passOurs(passed: Passed, startMs: number): Promise<WorkNext> {
    const { key, object, sinceMs, isForced } = passed
    const pass = new Pass(this.#passParts, passed)
    const next = await pass.run()
    if (pass.outcome !== undefined) this.#wishes.passed(key, answeredBy(object, sinceMs), pass.outcome)
    else if (isForced && next.next === 'nothing') this.#notOurs(key, object.metadata.name ?? '', othersOwn)
    return this.#told(key, next, startMs)
  }

  #told(key: string, next: WorkNext, startMs: number): WorkNext {
    const { clock, externalSecrets, metrics } = this.#parts
    const after = externalSecrets.get(key)
    if (after !== undefined) {
      metrics.passed(after, { durationMs: clock.monotonic() - startMs, isFailed: next.next === 'retry' })
    }
    return next
  }

  #notOurs(key: string, name: string, why: string): WorkNext {
    this.#wishes.refuse(key, () => conflict(resource, name, why))
    return nothing
  }

  /** Its target is of a kind that cannot be written to. */
  async #refuse({ key, object, sinceMs }: Looked, { refusal, isRetried }: Unopened): Promise<WorkNext> {
    const isOurs = this.#parts.stores.areOurs(storePlacesOf(object))
    if (!isOurs) return this.#notOurs(key, object.metadata.name ?? '', othersOwn)
    const startMs = this.#parts.clock.now()
    const report = new Report(this.#parts, { key, object, startMs, ...(isRetried && { words: resourceWords('') }) })
    const next = await report.failed(refusal.message, refusal.detail, isRetried ? report.retry : nothing)
    if (report.outcome !== undefined) this.#wishes.passed(key, answeredBy(object, sinceMs), report.outcome)
    return next
  }
}

const nothing = { next: 'nothing' } as const
const retry = { next: 'retry' } as const
const othersOwn = 'another controller looks after it'
const resource = { group: 'external-secrets.io', resource: 'externalsecrets' }

import { Bell } from '../../base/waiting/bell.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { isStatusReason } from '../../machinery/status.ts'
import type {
  Backend,
  ChangeBatch,
  Entry,
  Key,
  KeyRange,
  ListRequest,
  Page,
  Replacement,
  Revision,
  StatePage,
} from '../backend.ts'
import { StorageError } from '../errors.ts'
import { readIdentity } from '../identity.ts'
import type { Admission } from './admit-store.ts'
import type { LedgerPage, StoreLedger, StoreRecord } from './ledger.ts'

export interface LeaseOptions {
  readonly ledger: StoreLedger
  readonly blockLength: number
  /** How often the ledger is told how far the store is, if it has moved; what came or went it is told at once. */
  readonly confirmIntervalMs: number
  readonly clock: Clock
  readonly log: Logger
}

interface Lease {
  /** Revisions that it takes at most. */
  readonly count?: number
  /** Something came or went. */
  readonly isNews?: boolean
}

type Admitted = Extract<Admission, { type: 'admitted' }>

/** A copy from before an object came must be known for one soon; a mass of them is told of once in so long. */
const newsPauseMs = 1000

const overtaken = ['Conflict', 'NotFound'] as const

/**
 * A store that gives no revision which the ledger has not reserved for it. Revisions are reserved in blocks, the next
 * one when half of the last is used; a write that would pass the bound waits for the reservation, and is `unavailable`
 * when that cannot be had.
 *
 * Invariants:
 * 1. A write gets a revision that is at most as many above `#last` as writes are under way (`#pending`): the store has
 *    one sequence without gaps, and nobody else writes to it.
 * 2. No write begins while `#last + #pending` is above the bound that the ledger has.
 * 3. The ledger is written by one call at a time, and never again once it is about another store (`#lost`).
 */
export class LeasedBackend implements Backend {
  readonly #backend: Backend
  readonly #options: LeaseOptions
  #page: LedgerPage | undefined
  #record: StoreRecord | undefined
  #last = 0
  #pending = 0
  #writing: Promise<void> | undefined
  #triesAhead = true
  #isTold = false
  #lost: string | undefined
  readonly #news = new Bell()
  #hasNews = false

  /** Takes nothing over: the backend stays its owner's. */
  constructor(backend: Backend, options: LeaseOptions) {
    this.#backend = backend
    this.#options = options
  }

  /** From now on it may be written. */
  admit({ page, record }: Admitted): void {
    this.#page = page
    this.#record = record
    this.#last = record.confirmed
  }

  /** Tells the ledger how far the store is, until the signal aborts, and then once more. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, confirmIntervalMs } = this.#options
    const pauseMs = Math.min(newsPauseMs, confirmIntervalMs)
    while (!signal.aborted) {
      await clock.sleep(pauseMs, signal).catch(() => undefined)
      if (!this.#hasNews) await this.#newsOr(confirmIntervalMs - pauseMs, signal)
      this.#hasNews = false
      this.#triesAhead = true
      if (this.#record !== undefined && this.#last > this.#record.confirmed) await this.#try()
    }
  }

  create(key: Key, value: Uint8Array): Promise<Revision> {
    return this.#write(() => this.#backend.create(key, value), { isNews: true })
  }

  replace(key: Key, value: Uint8Array, expected: Revision): Promise<Revision> {
    return this.#write(() => this.#backend.replace(key, value, expected))
  }

  remove(key: Key, expected: Revision): Promise<Revision> {
    return this.#write(() => this.#backend.remove(key, expected), { isNews: true })
  }

  get(key: Key): Promise<Entry | undefined> {
    return this.#backend.get(key)
  }

  list(range: KeyRange, options: ListRequest): Promise<Page> {
    return this.#backend.list(range, options)
  }

  watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncIterable<ChangeBatch> {
    return this.#backend.watch(range, after, signal)
  }

  barrier(range: KeyRange): Promise<Revision> {
    return this.#backend.barrier(range)
  }

  changedAt(range: KeyRange): Revision | undefined {
    return this.#backend.changedAt?.(range)
  }

  failure(): string | undefined {
    return this.#lost ?? this.#backend.failure?.()
  }

  async oldest(): Promise<Revision> {
    return (await this.#backend.oldest?.()) ?? (this.#last as Revision)
  }

  pages(): AsyncGenerator<StatePage> {
    if (this.#backend.pages === undefined) throw new StorageError('unavailable', 'this store shows no whole state')
    return this.#backend.pages()
  }

  /** The ledger is written before and after, and by nobody in between. */
  async replaceAll(replacement: Replacement): Promise<Revision> {
    return this.#write(
      async () => {
        while (this.#writing !== undefined) await this.#writing.catch(() => undefined)
        const replaced = this.#replaceAll(replacement)
        this.#writing = replaced
          .then(() => undefined)
          .finally(() => {
            this.#writing = undefined
          })
        this.#writing.catch(() => undefined)
        return replaced
      },
      { count: replacement.countMax },
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #write(write: () => Promise<Revision>, { count = 1, isNews = false }: Lease = {}): Promise<Revision> {
    this.#pending += count
    try {
      while (this.#last + this.#pending > this.#bound()) await this.#reserve()
      const revision = await write()
      if (revision > this.#last) this.#last = revision
      if (isNews) this.#tellSoon()
      return revision
    } finally {
      this.#pending -= count
      this.#reserveAhead()
    }
  }

  /**
   * Another state is another epoch, which the store has first and the ledger second. Whoever is interrupted between
   * finds on the ledger that this store was decided on (admit-store.ts).
   */
  async #replaceAll(replacement: Replacement): Promise<Revision> {
    if (this.#backend.replaceAll === undefined) throw new StorageError('unavailable', 'this store keeps its state')
    const { record } = this.#admitted()
    await this.#reserveNow(record.uid)
    try {
      const revision = await this.#backend.replaceAll(replacement)
      this.#last = revision
      const identity = await readIdentity(this.#backend)
      this.#record = { ...this.#admitted().record, ...identity }
      return revision
    } finally {
      // Where that fails, the next time the ledger is told does the same.
      await this.#reserveNow().catch(() => undefined)
    }
  }

  #tellSoon(): void {
    this.#hasNews = true
    this.#news.ring()
  }

  async #newsOr(waitMs: number, signal: AbortSignal): Promise<void> {
    const waited = new AbortController()
    const either = AbortSignal.any([signal, waited.signal])
    const late = this.#options.clock.sleep(waitMs, either).catch(() => undefined)
    await Promise.race([this.#news.rung(either), late])
    waited.abort()
  }

  #bound(): number {
    if (this.#lost !== undefined) throw new StorageError('foreign', this.#lost)
    if (this.#record === undefined) throw new StorageError('foreign', 'the store has not been admitted')
    return this.#record.bound
  }

  #reserveAhead(): void {
    const { blockLength } = this.#options
    if (!this.#triesAhead || this.#record === undefined || this.#writing !== undefined) return
    if (this.#record.bound - this.#last < blockLength / 2) void this.#try()
  }

  /** What fails is tried again in an interval, or when a write cannot wait. */
  async #try(): Promise<void> {
    await this.#reserve().catch(() => {
      this.#triesAhead = false
    })
  }

  #reserve(): Promise<void> {
    this.#writing ??= this.#reserveNow().finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  async #reserveNow(accepted?: string): Promise<void> {
    const { blockLength, log } = this.#options
    const record = { ...this.#admitted().record, confirmed: this.#last }
    const needed = this.#last + this.#pending
    const bound = record.bound - needed < blockLength / 2 ? needed + blockLength : record.bound
    try {
      await this.#put({ ...record, bound }, accepted)
      this.#isTold = false
    } catch (error) {
      const code = error instanceof Error ? error.name : 'unknown'
      if (!this.#isTold) log.warn('no further revisions can be reserved', { code })
      this.#isTold = true
      throw error instanceof StorageError ? error : new StorageError('unavailable', 'no revisions are reserved')
    }
  }

  async #put(record: StoreRecord, accepted?: string): Promise<void> {
    const { ledger } = this.#options
    const entry = { record, refused: undefined, ...(accepted !== undefined && { accepted }) }
    try {
      this.#page = await ledger.write(this.#admitted().page, entry)
    } catch (error) {
      if (!overtaken.some((reason) => isStatusReason(error, reason))) throw error
      this.#page = await ledger.write(this.#ours(await ledger.read(), record), entry)
    }
    this.#record = record
  }

  /** Somebody wrote on the page, or took it away. As long as it names no other store, it is still ours. */
  #ours(page: LedgerPage, { uid, epoch }: StoreRecord): LedgerPage {
    const isOurs = page.record === undefined || (page.record.uid === uid && page.record.epoch <= epoch)
    if (isOurs) return page
    this.#lost = `the ledger is about store ${page.record.uid} of epoch ${page.record.epoch}`
    throw new StorageError('foreign', this.#lost)
  }

  #admitted(): { readonly page: LedgerPage; readonly record: StoreRecord } {
    if (this.#page === undefined || this.#record === undefined) {
      throw new StorageError('foreign', 'the store has not been admitted')
    }
    return { page: this.#page, record: this.#record }
  }
}

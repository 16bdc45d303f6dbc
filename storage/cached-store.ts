import type { MaybePromise } from '../base/waiting/maybe-promise.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Backend, Page } from './backend.ts'
import { isStorageError, StorageError } from './errors.ts'
import type {
  Codec,
  Freshness,
  Item,
  Key,
  KeyRange,
  ListOptions,
  ListPage,
  Revision,
  Storage,
  WatchBatch,
} from './storage.ts'
import { type HistoryLimits, WatchCache } from './watch-cache.ts'

export interface CachedStoreOptions<T> extends HistoryLimits {
  readonly range: KeyRange
  readonly codec: Codec<T>
  readonly clock: Clock
  readonly log: Logger
  readonly freshnessWaitMs: number
  /** The wait before the cache is loaded afresh after the backend's watch broke. */
  readonly reloadDelayMs: number
}

const latest: Freshness = { kind: 'latest' }

/** Answers when the cache holds everything written so far. The backend stays its owner's. */
export async function openStorage<T>(backend: Backend, options: CachedStoreOptions<T>): Promise<Storage<T>> {
  const store = new CachedStore(backend, options)
  await store.open()
  return store
}

/**
 * Writes to the backend and reads from a watch cache.
 *
 * Invariants:
 * 1. A write is acknowledged when the backend made it durable and the cache shows it.
 * 2. A read is answered from the cache alone. Where it does not hold the last change of its range yet, `latest` asks
 *    the backend for a barrier first and waits for it; so does every list, whose revision is the log's.
 *
 * States: loading (`#load`) -> live -> (`#feed` ends: the backend's watch broke) -> loading again -> closed (dispose).
 * While there is no cache, reads reject with `unavailable`; watches of the old one end with `compacted`, so that
 * whoever reads them lists afresh.
 */
class CachedStore<T> implements Storage<T> {
  readonly #backend: Backend
  readonly #options: CachedStoreOptions<T>
  readonly #closing = new AbortController()
  #cache: WatchCache<T> | undefined
  #feeding: Promise<void> = Promise.resolve()
  #running: Promise<void> = Promise.resolve()
  /** Why the last feeding ended, for whoever still waits for it to load. */
  #failure: unknown

  constructor(backend: Backend, options: CachedStoreOptions<T>) {
    this.#backend = backend
    this.#options = options
  }

  async open(): Promise<void> {
    try {
      await this.#load()
    } catch (error) {
      this.#closing.abort()
      throw error
    }
    this.#running = this.#run()
  }

  create(key: Key, value: T): Promise<Item<T>> {
    return this.#written(key, value, (bytes) => this.#backend.create(key, bytes))
  }

  replace(key: Key, value: T, expected: Revision): Promise<Item<T>> {
    return this.#written(key, value, (bytes) => this.#backend.replace(key, bytes, expected))
  }

  async remove(key: Key, expected: Revision): Promise<Item<T>> {
    const last = await this.get(key)
    if (!last) throw new StorageError('key-missing', key)
    if (last.revision !== expected) throw new StorageError('conflict', key)
    const revision = await this.#backend.remove(key, expected)
    await this.#shown(revision)
    return this.#cache?.written(key, revision) ?? { ...last, revision }
  }

  get(key: Key, freshness: Freshness = latest): MaybePromise<Item<T> | undefined> {
    const isAtHand = this.#cache !== undefined && this.#holdsAll(this.#cache, freshness)
    return isAtHand ? this.#cache?.get(key) : this.#getFresh(key, freshness)
  }

  async list(range: KeyRange, { at, ...options }: ListOptions<T>): Promise<ListPage<T>> {
    const cache = await this.#fresh(at.kind === 'exact' ? { kind: 'at-least', revision: at.revision } : at)
    return cache.list(range, { ...options, at: at.kind === 'exact' ? at.revision : cache.revision })
  }

  watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncIterable<WatchBatch<T>> {
    return this.#live().watch(range, after, signal)
  }

  currentRevision(): Promise<Revision> {
    return this.#backend.barrier(this.#options.range)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await Promise.all([this.#feeding, this.#running])
  }

  #live(): WatchCache<T> {
    if (!this.#cache) throw new StorageError('unavailable', `${this.#options.range.start} is being loaded`)
    return this.#cache
  }

  async #getFresh(key: Key, freshness: Freshness): Promise<Item<T> | undefined> {
    const cache = await this.#fresh(freshness)
    return cache.get(key)
  }

  async #fresh(freshness: Freshness): Promise<WatchCache<T>> {
    const cache = this.#live()
    await cache.reached(await this.#wanted(freshness))
    return cache
  }

  /** Whether a read of that freshness need not wait. */
  #holdsAll(cache: WatchCache<T>, freshness: Freshness): boolean {
    if (freshness.kind === 'any') return true
    const last = freshness.kind === 'latest' ? this.#backend.changedAt?.(this.#options.range) : freshness.revision
    return last !== undefined && last <= cache.revision
  }

  /** What the cache must have come to before it may answer. */
  #wanted(freshness: Freshness): MaybePromise<Revision> {
    if (freshness.kind === 'latest') return this.currentRevision()
    return freshness.kind === 'at-least' ? this.#approached(freshness.revision) : (0 as Revision)
  }

  /** Where nothing happens a watch tells its progress late, unless a barrier asks for it. */
  async #approached(revision: Revision): Promise<Revision> {
    if (this.#live().revision < revision) await this.currentRevision()
    return revision
  }

  /** A write is made whether or not the cache can show it in time. */
  async #written(key: Key, value: T, write: (bytes: Uint8Array) => Promise<Revision>): Promise<Item<T>> {
    const { codec } = this.#options
    const bytes = codec.encode(value)
    const revision = await write(bytes)
    // The watch that feeds the cache was rung before the acknowledgement was given, and mostly is one turn behind it.
    await Promise.resolve()
    if (this.#cache !== undefined && this.#cache.revision < revision) await this.#shown(revision)
    return this.#cache?.written(key, revision) ?? { key, value: codec.decode(bytes), revision }
  }

  #shown(revision: Revision): Promise<void> | undefined {
    return this.#cache?.reached(revision).catch(() => undefined)
  }

  /** The oldest state that leaves no more than a window of changes, so that watches resume over a restart. */
  async #loadPage(): Promise<Page> {
    const { range, historyCountMax } = this.#options
    const newest = await this.#backend.barrier(range)
    const oldest = (await this.#backend.oldest?.()) ?? newest
    const at = Math.max(oldest, newest - historyCountMax) as Revision
    const limit = Number.POSITIVE_INFINITY
    try {
      return await this.#backend.list(range, { limit, ...(at < newest && { at }) })
    } catch (error) {
      if (!isStorageError(error, 'compacted')) throw error
      return this.#backend.list(range, { limit })
    }
  }

  async #load(): Promise<void> {
    const { range, codec } = this.#options
    const page = await this.#loadPage()
    const cache = new WatchCache(page, { ...this.#options, decode: (bytes) => codec.decode(bytes) })
    if (page.unchangedUntil !== undefined) cache.apply({ changes: [], progress: page.unchangedUntil })
    this.#feeding = this.#feed(cache)
    await cache.reached(await this.#backend.barrier(range)).catch((error: unknown) => {
      throw this.#failure ?? error
    })
    this.#cache = cache
  }

  async #feed(cache: WatchCache<T>): Promise<void> {
    const { range, log } = this.#options
    const { signal } = this.#closing
    this.#failure = undefined
    try {
      for await (const batch of this.#backend.watch(range, cache.revision, signal)) cache.apply(batch)
    } catch (error) {
      this.#failure = error
      log.warn('the watch cache lost its watch', { range: range.start, code: codeOf(error) })
    }
    this.#cache = undefined
    const code = signal.aborted ? 'unavailable' : 'compacted'
    cache.end(new StorageError(code, `the cache of ${range.start} ended`))
  }

  async #run(): Promise<void> {
    const { range, clock, log, reloadDelayMs } = this.#options
    const { signal } = this.#closing
    for (;;) {
      await this.#feeding
      await clock.sleep(reloadDelayMs, signal).catch(() => undefined)
      if (signal.aborted) return
      await this.#load().catch((error: unknown) => {
        log.warn('the watch cache cannot be loaded', { range: range.start, code: codeOf(error) })
      })
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof StorageError ? error.code : 'unknown'
}

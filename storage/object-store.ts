import type { Clock } from '../base/clock.ts'
import { applyChange } from './apply-change.ts'
import type { Backend, Entry, Page } from './backend.ts'
import { StorageError } from './errors.ts'
import { rangeBehind } from './key-order.ts'
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

const pollMs = 50

export interface ObjectStoreOptions<T> {
  readonly range: KeyRange
  readonly codec: Codec<T>
  readonly clock: Clock
  readonly freshnessWaitMs: number
}

/**
 * Objects straight from the backend, with nothing kept between two calls: for tools, and as the plain sense of what the
 * cached store must do. Pages and exact lists are as good as the backend's history.
 */
export class ObjectStore<T> implements Storage<T> {
  readonly #backend: Backend
  readonly #options: ObjectStoreOptions<T>

  /** The backend stays its owner's. */
  constructor(backend: Backend, options: ObjectStoreOptions<T>) {
    this.#backend = backend
    this.#options = options
  }

  async create(key: Key, value: T): Promise<Item<T>> {
    const bytes = this.#options.codec.encode(value)
    return this.#item({ key, value: bytes, revision: await this.#backend.create(key, bytes) })
  }

  async replace(key: Key, value: T, expected: Revision): Promise<Item<T>> {
    const bytes = this.#options.codec.encode(value)
    return this.#item({ key, value: bytes, revision: await this.#backend.replace(key, bytes, expected) })
  }

  async remove(key: Key, expected: Revision): Promise<Item<T>> {
    const last = await this.#backend.get(key)
    if (!last) throw new StorageError('key-missing', key)
    if (last.revision !== expected) throw new StorageError('conflict', key)
    return this.#item({ ...last, revision: await this.#backend.remove(key, expected) })
  }

  async get(key: Key, freshness: Freshness = { kind: 'latest' }): Promise<Item<T> | undefined> {
    await this.#awaitFreshness(freshness)
    const entry = await this.#backend.get(key)
    return entry && this.#item(entry)
  }

  async list(range: KeyRange, options: ListOptions<T>): Promise<ListPage<T>> {
    const { at, after, matches, limit = Number.POSITIVE_INFINITY } = options
    if (at.kind !== 'exact') await this.#awaitFreshness(at)
    const items: Item<T>[] = []
    let state = at.kind === 'exact' ? at.revision : undefined
    let rest = rangeBehind(range, after)
    for (;;) {
      const page: Page = await this.#backend.list(rest, { limit, ...(state !== undefined && { at: state }) })
      for (const entry of page.entries) {
        const item = this.#item(entry)
        if (matches && !matches(item)) continue
        const last = items.at(-1)
        if (items.length === limit && last) return { items, revision: page.revision, next: last.key }
        items.push(item)
      }
      const last = page.entries.at(-1)
      if (!page.more || !last) return { items, revision: page.revision }
      state = page.revision
      rest = rangeBehind(range, last.key)
    }
  }

  async *watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncGenerator<WatchBatch<T>> {
    const { entries } = await this.#backend.list(range, { limit: Number.POSITIVE_INFINITY, at: after })
    const items = new Map(entries.map((entry) => [entry.key, this.#item(entry)]))
    const decode = (bytes: Uint8Array) => this.#options.codec.decode(bytes)
    for await (const { changes, progress } of this.#backend.watch(range, after, signal)) {
      yield { changes: changes.flatMap((change) => applyChange(items, change, decode) ?? []), progress }
    }
  }

  currentRevision(): Promise<Revision> {
    return this.#backend.barrier(this.#options.range)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** The backend answers with its newest state; only a revision that has not come yet is waited for. */
  async #awaitFreshness(freshness: Freshness): Promise<void> {
    if (freshness.kind !== 'at-least') return
    const { clock, freshnessWaitMs, range } = this.#options
    const untilMs = clock.monotonic() + freshnessWaitMs
    while ((await this.#backend.barrier(range)) < freshness.revision) {
      if (clock.monotonic() >= untilMs) throw new StorageError('future', `revision ${freshness.revision}`)
      await clock.sleep(pollMs)
    }
  }

  #item({ key, value, revision }: Entry): Item<T> {
    return { key, value: this.#options.codec.decode(value), revision }
  }
}

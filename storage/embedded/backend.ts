import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
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
import { Compactor, type Retention } from './compactor.ts'
import type { CurrentEntry, Engine, EngineView } from './engine.ts'
import { encodeRevision } from './log/log-record.ts'
import { RevisionLog, type Write } from './log/revision-log.ts'
import { WatchHub } from './watch-hub.ts'
import { entryOf, oldestOf, replaceState, stateAt, statePages } from './state/whole-state.ts'

const keyBytesMax = 1000
const surrogate = /\p{Surrogate}/u

export interface EmbeddedOptions extends Retention {
  readonly clock: Clock
  readonly log: Logger
  readonly writeQueueLengthMax: number
  /** How long a batch waits for the writers of the one before it; 0: not at all. */
  readonly commitDelayMs: number
  /** Recent changes held in memory for watches: at most this many, ... */
  readonly tailCountMax: number
  /** ... of at most so many bytes. */
  readonly tailBytesMax: number
}

/** The store inside this process: a log of every write, its watches and its compaction, over an engine. */
export class EmbeddedBackend implements Backend {
  readonly #engine: Engine
  readonly #hub: WatchHub
  readonly #log: RevisionLog
  readonly #compactor: Compactor
  readonly #closing = new AbortController()
  readonly #compacting: Promise<void>

  /** Takes the engine over: it is closed with the backend. */
  constructor(engine: Engine, options: EmbeddedOptions) {
    this.#engine = engine
    const oldest = engine.read(oldestOf)
    // A compacted removal may have been the log's last record: its revision must not be given again.
    const revision = Math.max(
      oldest,
      engine.read((view) => view.lastRevision()),
    ) as Revision
    this.#hub = new WatchHub(engine, { ...options, revision, oldest })
    this.#log = new RevisionLog(engine, {
      revision,
      queueLengthMax: options.writeQueueLengthMax,
      clock: options.clock,
      commitDelayMs: options.commitDelayMs,
      onDurable: (records) => this.#hub.push(records),
    })
    this.#compactor = new Compactor(engine, this.#hub, options)
    this.#compacting = this.#compactor.run(options.clock, options.log, this.#closing.signal)
  }

  create(key: Key, value: Uint8Array): Promise<Revision> {
    return this.#write({ type: 'create', key, value })
  }

  replace(key: Key, value: Uint8Array, expected: Revision): Promise<Revision> {
    return this.#write({ type: 'replace', key, value, expected })
  }

  remove(key: Key, expected: Revision): Promise<Revision> {
    return this.#write({ type: 'remove', key, expected })
  }

  async get(key: Key): Promise<Entry | undefined> {
    this.#assertOpen()
    return this.#engine.read((view) => {
      const revision = view.revisionOf(key)
      return revision === undefined ? undefined : entryOf(view, { key, revision })
    })
  }

  async list(range: KeyRange, { limit, at }: ListRequest): Promise<Page> {
    this.#assertOpen()
    if (at !== undefined) return this.#engine.read((view) => this.#pageAt(view, range, { limit, at }))
    const page = this.#engine.read((view) => {
      const revision = Math.max(this.#hub.oldest, view.lastRevision()) as Revision
      return { revision, ...pageOf(view, view.keys(range, limit + 1), limit) }
    })
    // The engine shows a batch a moment before the hub knows of it; from the revision answered here a watch must start.
    if (page.revision > this.#hub.revision) await this.#log.underway
    return page
  }

  watch(range: KeyRange, after: Revision, signal: AbortSignal): AsyncIterable<ChangeBatch> {
    this.#assertOpen()
    return this.#hub.watch(range, after, signal)
  }

  async barrier(range: KeyRange): Promise<Revision> {
    this.#assertOpen()
    this.#hub.tell(range)
    return this.#hub.revision
  }

  changedAt(range: KeyRange): Revision | undefined {
    return this.#closing.signal.aborted ? undefined : this.#hub.changedAt(range)
  }

  failure(): string | undefined {
    return this.#engine.failure?.()
  }

  async oldest(): Promise<Revision> {
    return this.#hub.oldest
  }

  async compact(before: Revision): Promise<Revision> {
    this.#assertOpen()
    return this.#compactor.compact(before)
  }

  async resumeAbove(revision: Revision): Promise<void> {
    this.#assertOpen()
    await this.#log.alone(async () => {
      assert(revision >= this.#hub.revision, 'revisions never go back')
      await this.#compactor.compactAll()
      await this.#engine.commit({ facts: new Map([['compacted', encodeRevision(revision)]]) })
      this.#hub.resumeAbove(revision)
      return revision
    })
  }

  pages(): AsyncGenerator<StatePage> {
    this.#assertOpen()
    return statePages({ engine: this.#engine, hub: this.#hub })
  }

  async replaceAll(replacement: Replacement): Promise<Revision> {
    this.#assertOpen()
    const parts = { engine: this.#engine, hub: this.#hub, compactor: this.#compactor }
    return this.#log.alone(() => replaceState(parts, replacement))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    this.#hub.close()
    await Promise.all([this.#log.idle, this.#compacting])
    await this.#engine[Symbol.asyncDispose]()
  }

  #write(write: Write): Promise<Revision> {
    try {
      this.#assertWritable(write.key)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#log.write(write)
  }

  #pageAt(view: EngineView, range: KeyRange, { limit, at }: Required<ListRequest>): Page {
    const { keys, isUnchanged } = stateAt({ view, hub: this.#hub }, range, at)
    const page = { revision: at, ...pageOf(view, keys, limit) }
    return isUnchanged ? { ...page, unchangedUntil: this.#hub.revision } : page
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new StorageError('unavailable', 'the store is closed')
  }

  #assertWritable(key: Key): void {
    this.#assertOpen()
    const isText = key.length > 0 && !surrogate.test(key)
    assert(isText && Buffer.byteLength(key) <= keyBytesMax, 'a key is 1 to 1,000 bytes of UTF-8')
  }
}

function pageOf(view: EngineView, keys: readonly CurrentEntry[], limit: number): Pick<Page, 'entries' | 'more'> {
  return { entries: keys.slice(0, limit).map((current) => entryOf(view, current)), more: keys.length > limit }
}

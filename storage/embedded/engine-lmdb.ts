import { asBuffer } from '../../base/as-buffer.ts'
import { statSync } from 'node:fs'
import { type Database, open, type RootDatabase } from 'lmdb'
import { assert } from '../../base/assert.ts'
import { Mutex } from '../../base/waiting/mutex.ts'
import type { Key, KeyRange, Revision } from '../backend.ts'
import { StorageError } from '../errors.ts'
import { unwritable } from './file-errors.ts'
import type { CurrentEntry, Engine, EngineBatch, EngineView, FactName, LogEntry } from './engine.ts'
import { decodeRevision, encodeRevision } from './log/log-record.ts'
import { prepareStoreDirectory, type StoreDirectory } from './store-directory.ts'

type Table = Database<Buffer, Buffer>

const mapBytes = 64 * 1024 ** 3

// overlappingSync off: with it on, LMDB shows a commit before it is durable. eventTurnBatching off: the library's own
// batches would fail with promises nobody holds. The map is address space only; the file grows as it is written.
const environmentOptions = {
  maxDbs: 4,
  mapSize: mapBytes,
  pageSize: 8192,
  encoding: 'binary',
  cache: false,
  overlappingSync: false,
  eventTurnBatching: false,
} as const
const tableOptions = { encoding: 'binary', keyEncoding: 'binary', cache: false } as const

/**
 * An engine in a directory, over LMDB.
 *
 * Invariants:
 * 1. One transaction at a time; a batch that throws halfway is rolled back whole (childTransaction).
 * 2. Every read starts from the newest commit and runs within one turn, hence in one snapshot.
 * 3. Nothing that LMDB cannot survive reaches it: the file's pages are checked before it is mapped.
 * 4. What was committed is in the file that the next start will open: a file that was removed or replaced below the
 *    running process takes no more writes, and the one that met it is not acknowledged.
 */
export async function openLmdbEngine(directory: string): Promise<Engine> {
  const place = await prepareStoreDirectory(directory)
  try {
    return openEngine(place)
  } catch (error) {
    const refusal = place.lacksRoom(0)
      ? new StorageError('full', directory, { cause: error })
      : unwritable(error, directory)
    await place[Symbol.asyncDispose]()
    throw refusal
  }
}

function openEngine(place: StoreDirectory): Engine {
  const engine = new LmdbEngine(place)
  if (!place.complete && engine.read((view) => view.lastRevision()) > 0) {
    throw new StorageError('format', `${place.path} holds a store but no record of its format`)
  }
  place.markComplete()
  return engine
}

/** Shows one snapshot, also of a store that another process works on. */
export async function readLmdb<R>(dataPath: string, look: (view: EngineView) => R): Promise<R> {
  const environment = open<Buffer, Buffer>({ path: dataPath, ...environmentOptions, readOnly: true })
  try {
    return look(new LmdbView(openTables(environment)))
  } finally {
    await environment.close()
  }
}

class LmdbEngine implements Engine {
  readonly #place: StoreDirectory
  readonly #environment: RootDatabase<Buffer, Buffer>
  readonly #tables: LmdbTables
  readonly #turn = new Mutex()
  readonly #file: string
  #broken: StorageError | undefined

  constructor(place: StoreDirectory) {
    this.#place = place
    this.#environment = open<Buffer, Buffer>({ path: place.dataPath, ...environmentOptions })
    this.#tables = openTables(this.#environment)
    this.#file = fileAt(place.dataPath)
  }

  failure(): string | undefined {
    return this.#broken?.message
  }

  commit(batch: EngineBatch): Promise<void> {
    return this.#turn.run(() => this.#commit(batch))
  }

  read<R>(look: (view: EngineView) => R): R {
    if (this.#broken) throw this.#broken
    this.#environment.resetReadTxn()
    return look(new LmdbView(this.#tables))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn.run(async () => undefined)
    await this.#environment.close()
    await this.#place[Symbol.asyncDispose]()
  }

  async #commit(batch: EngineBatch): Promise<void> {
    if (this.#broken) throw this.#broken
    try {
      await this.#environment.childTransaction(() => applyBatch(this.#tables, batch))
      await this.#environment.flushed
    } catch (error) {
      throw await this.#explain(error, batch)
    }
    if (fileAt(this.#place.dataPath) !== this.#file) throw this.#lost()
  }

  #lost(): StorageError {
    this.#broken = new StorageError('unavailable', `${this.#place.dataPath} was removed or replaced`)
    return this.#broken
  }

  /**
   * LMDB writes the pages first and the page that makes them valid last, so a failure for want of room leaves the old
   * state. It reports a half-written page as EIO, hence the look at the disk. Everything else may have left the
   * last page in doubt.
   */
  async #explain(error: unknown, batch: EngineBatch): Promise<StorageError> {
    const cause = await commitErrorOf(error)
    const bytes = (batch.append ?? []).reduce((sum, entry) => sum + entry.bytes.length, 0)
    if (this.#place.lacksRoom(bytes) && !this.#shows(batch))
      return new StorageError('full', this.#place.path, { cause })
    this.#broken = new StorageError('unavailable', `${this.#place.path}: a write failed`, { cause })
    return this.#broken
  }

  #shows({ append = [] }: EngineBatch): boolean {
    const first = append[0]
    return first !== undefined && this.read((view) => view.record(first.revision)) !== undefined
  }
}

/** Which file a path leads to now. */
function fileAt(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? 'none' : `${found.dev}:${found.ino}`
}

interface LmdbTables {
  readonly log: Table
  readonly current: Table
  readonly facts: Table
}

function openTables(environment: RootDatabase<Buffer, Buffer>): LmdbTables {
  const table = (name: string) => environment.openDB<Buffer, Buffer>(name, tableOptions)
  return { log: table('log'), current: table('current'), facts: table('facts') }
}

function applyBatch({ log, current, facts }: LmdbTables, batch: EngineBatch): void {
  for (const { revision, bytes } of batch.append ?? []) appendRecord(log, revision, bytes)
  for (const revision of batch.forget ?? []) log.removeSync(encodeRevision(revision))
  batch.current?.forEach((revision, key) => {
    if (revision === undefined) current.removeSync(Buffer.from(key))
    else current.putSync(Buffer.from(key), encodeRevision(revision))
  })
  for (const [name, value] of batch.facts ?? []) facts.putSync(Buffer.from(name), asBuffer(value))
}

/** Appending fills pages to the brim. It is refused, with `false` and no error, where the log already goes further. */
function appendRecord(log: Table, revision: Revision, bytes: Uint8Array): void {
  const made: unknown = log.putSync(encodeRevision(revision), asBuffer(bytes), { append: true })
  assert(made !== false, `log record ${revision} is not behind the last one`)
}

class LmdbView implements EngineView {
  readonly #tables: LmdbTables

  constructor(tables: LmdbTables) {
    this.#tables = tables
  }

  record(revision: Revision): Uint8Array | undefined {
    return this.#tables.log.get(encodeRevision(revision))
  }

  records(after: Revision, limit: number): readonly LogEntry[] {
    const start = encodeRevision((after + 1) as Revision)
    const range = this.#tables.log.getRange({ start, ...bounded(limit) })
    return [...range].map(({ key, value }) => ({ revision: decodeRevision(key), bytes: value }))
  }

  lastRevision(): Revision {
    const [last] = this.#tables.log.getKeys({ reverse: true, limit: 1 })
    return last ? decodeRevision(last) : (0 as Revision)
  }

  revisionOf(key: Key): Revision | undefined {
    const value = this.#tables.current.get(Buffer.from(key))
    return value && decodeRevision(value)
  }

  keys(range: KeyRange, limit: number): readonly CurrentEntry[] {
    const { start, end } = { start: Buffer.from(range.start), end: Buffer.from(range.end) }
    const found = this.#tables.current.getRange({ start, end, ...bounded(limit) })
    return [...found].map(({ key, value }) => ({ key: key.toString() as Key, revision: decodeRevision(value) }))
  }

  fact(name: FactName): Uint8Array | undefined {
    return this.#tables.facts.get(Buffer.from(name))
  }
}

function bounded(limit: number): { readonly limit?: number } {
  return Number.isFinite(limit) ? { limit } : {}
}

/** The library rejects with an error whose `commitError` is a promise of the true one. */
async function commitErrorOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  return Promise.resolve(error.commitError).catch((reason: unknown) => reason)
}

import type { Entry, Key, KeyRange, Replacement, Revision, StatePage } from '../../backend.ts'
import { StorageError } from '../../errors.ts'
import { compareKeys, inRange } from '../../key-order.ts'
import type { Compactor } from '../compactor.ts'
import { type CurrentEntry, type Engine, type EngineBatch, type EngineView, wholeRange } from '../engine.ts'
import { decodeLogRecord, decodeRevision, encodeLogRecord, encodeRevision, type LogRecord } from '../log/log-record.ts'
import type { WatchHub } from '../watch-hub.ts'

interface Parts {
  readonly engine: Engine
  readonly hub: WatchHub
  readonly compactor: Compactor
}

const pageBytes = 256 * 1024

/**
 * One state, page by page. Keys and revisions are taken down at once, values are read when they are asked for: the log
 * keeps what is replaced meanwhile, as for a watch from there.
 */
export async function* statePages({ engine, hub }: Omit<Parts, 'compactor'>): AsyncGenerator<StatePage> {
  const revision = hub.revision
  const letGo = hub.hold(revision)
  try {
    const { keys } = engine.read((view) => stateAt({ view, hub }, wholeRange, revision))
    for (let from = 0; from < keys.length || from === 0; ) {
      hub.assertShows(revision)
      const entries = engine.read((view) => {
        assertKeeps(view, revision)
        return pageFrom(view, keys, from)
      })
      yield { entries, revision, total: keys.length }
      from += Math.max(1, entries.length)
    }
  } finally {
    letGo()
  }
}

/**
 * The present state gives way to another in one batch. The history goes before, in batches of its own: it is of no use
 * after, and a batch blocks the process.
 */
export async function replaceState(
  { engine, hub, compactor }: Parts,
  { countMax, decide, above = 0 as Revision }: Replacement,
): Promise<Revision> {
  const before = Math.max(hub.revision, above)
  const present = engine.read((view) => view.keys(wholeRange, Number.POSITIVE_INFINITY))
  const next = decide(engine.read((view) => present.map((current) => entryOf(view, current))))
  if (next.length > countMax) throw new StorageError('busy', `more than the announced ${countMax} entries`)
  await compactor.compactAll()
  const records = next.map(({ key, value }, index) => {
    const revision = (before + index + 1) as Revision
    return { type: 'put', revision, key, previous: 0 as Revision, value } as const
  })
  const last = (before + records.length) as Revision
  const batch: EngineBatch = {
    append: records.map((record) => ({ revision: record.revision, bytes: encodeLogRecord(record) })),
    forget: present.map(({ revision }) => revision),
    current: new Map<Key, Revision | undefined>([
      ...present.map(({ key }) => [key, undefined] as const),
      ...records.map(({ key, revision }) => [key, revision] as const),
    ]),
    facts: new Map([['compacted', encodeRevision(last)]]),
  }
  await engine.commit(batch)
  hub.resumeAbove(last)
  return last
}

interface StateAt {
  readonly keys: readonly CurrentEntry[]
  /** Nothing of the range has changed since, as far as the hub knows. */
  readonly isUnchanged: boolean
}

/**
 * The current keys, with what was written behind `at` undone. The engine may show a batch before the hub knows of it.
 */
export function stateAt(
  { view, hub }: { readonly view: EngineView; readonly hub: WatchHub },
  range: KeyRange,
  at: Revision,
): StateAt {
  assertKeeps(view, at)
  const ahead = view.records(hub.revision, Number.POSITIVE_INFINITY)
  const later = hub
    .recordsAfter(at, Number.POSITIVE_INFINITY)
    .concat(ahead.map(({ revision, bytes }) => decodeLogRecord(revision, bytes)))
  const current = view.keys(range, Number.POSITIVE_INFINITY)
  const untouched = current.filter(({ revision }) => revision <= at)
  // Each kind asks at the start: keys are compared only where something was replaced or removed.
  const isRemoval = ({ type, key }: LogRecord): boolean => type === 'remove' && inRange(range, key)
  if (untouched.length === current.length && !later.some(isRemoval)) return { keys: current, isUnchanged: true }
  const restored = later
    .filter(({ key, previous }) => previous > 0 && previous <= at && inRange(range, key))
    .map(({ key, previous }) => ({ key, revision: previous }))
  const keys = [...untouched, ...restored]
  if (restored.length > 0) keys.sort((left, right) => compareKeys(left.key, right.key))
  return { keys, isUnchanged: false }
}

/** Of a state that gave way to another only the engine may know yet. */
function assertKeeps(view: EngineView, revision: Revision): void {
  const oldest = oldestOf(view)
  if (revision < oldest) throw new StorageError('compacted', `revision ${revision}, the oldest is ${oldest}`)
}

export function oldestOf(view: EngineView): Revision {
  const compacted = view.fact('compacted')
  return compacted ? decodeRevision(compacted) : (0 as Revision)
}

function pageFrom(view: EngineView, keys: readonly CurrentEntry[], from: number): readonly Entry[] {
  const entries: Entry[] = []
  for (let bytes = 0, index = from; index < keys.length && bytes < pageBytes; index += 1) {
    const current = keys[index]
    if (current === undefined) break
    const entry = entryOf(view, current)
    bytes += entry.value.length
    entries.push(entry)
  }
  return entries
}

export function entryOf(view: EngineView, { key, revision }: CurrentEntry): Entry {
  const bytes = view.record(revision)
  const record = bytes && decodeLogRecord(revision, bytes)
  if (record?.type !== 'put' || record.key !== key) throw new StorageError('corrupt', `${key} at revision ${revision}`)
  return { key, value: record.value, revision }
}

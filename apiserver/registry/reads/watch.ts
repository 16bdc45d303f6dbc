import { expired } from '../../../machinery/status-errors.ts'
import { isStorageError } from '../../../storage/errors.ts'
import type {
  Freshness,
  Item,
  ItemChange,
  Key,
  Revision,
  WatchBatch as StorageBatch,
} from '../../../storage/storage.ts'
import type { RegistryParts } from '../registry-parts.ts'
import type { Stored, StoredState } from '../stored.ts'
import { listObjects } from './list.ts'
import type { Selection } from './selection.ts'

export interface WatchRequest {
  readonly selection: Selection
  readonly start: WatchStart
}

export type WatchStart =
  /** Every change after this revision; waits for it when it has not happened. */
  | { readonly kind: 'after'; readonly revision: Revision }
  | { readonly kind: 'now' }
  /** What is there as ADDED first. */
  | { readonly kind: 'state'; readonly at: Freshness }

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly key: Key
  readonly state: StoredState
}

export interface WatchBatch {
  readonly events: readonly WatchEvent[]
  /** Every event up to this revision has been given. */
  readonly progress: Revision
  /** This batch is the state that the watch starts with. */
  readonly isInitial: boolean
}

/** Rejects with a StatusError (410, 504) before the first batch only; later it just ends, and clients resume. */
export async function* watchObjects(
  parts: RegistryParts,
  request: WatchRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchBatch> {
  const { selection, start } = request
  let after: Revision
  if (start.kind === 'after') after = start.revision
  else {
    const first = await firstBatch(parts, selection, start)
    yield first
    after = first.progress
  }
  let hasBegun = false
  try {
    for await (const batch of parts.storage.watch(selection.range, after, signal)) {
      hasBegun = true
      yield selected(batch, selection)
    }
  } catch (error) {
    if (signal.aborted) return
    if (isStorageError(error, 'future') && !hasBegun) yield* onceReached(parts, { selection, after }, signal)
    else if (!isStorageError(error, 'compacted')) throw error
    else if (!hasBegun) throw expired('The resourceVersion for the provided watch is too old.')
  }
}

async function firstBatch(
  parts: RegistryParts,
  selection: Selection,
  start: Exclude<WatchStart, { kind: 'after' }>,
): Promise<WatchBatch> {
  if (start.kind === 'now') return { events: [], progress: await parts.storage.currentRevision(), isInitial: false }
  const page = await listObjects(parts, { selection, at: start.at })
  const events = page.items.map((item): WatchEvent => ({ type: 'ADDED', key: item.key, state: item }))
  return { events, progress: page.revision, isInitial: true }
}

interface Position {
  readonly selection: Selection
  readonly after: Revision
}

/** A revision of a replica that is ahead, or of nobody: the stream waits, and gives nothing up to it. */
async function* onceReached(parts: RegistryParts, position: Position, signal: AbortSignal): AsyncGenerator<WatchBatch> {
  const start = { kind: 'after' as const, revision: await parts.storage.currentRevision() }
  for await (const batch of watchObjects(parts, { selection: position.selection, start }, signal)) {
    if (batch.progress <= position.after) continue
    const events = batch.events.filter(({ state }) => (state.revision ?? 0) > position.after)
    yield { ...batch, events }
  }
}

/** Streams that move in step are given the same batch by storage; what they select of it is found once. */
const selections = new WeakMap<StorageBatch<Stored>, Map<string, WatchBatch>>()
/** The same of those that select all of it. */
const wholes = new WeakMap<StorageBatch<Stored>, WatchBatch>()

function selected(batch: StorageBatch<Stored>, selection: Selection): WatchBatch {
  return selection.matches === undefined ? whole(batch, selection) : matching(batch, selection)
}

function whole(batch: StorageBatch<Stored>, selection: Selection): WatchBatch {
  const known = wholes.get(batch)
  if (known !== undefined) return known
  const made = selectedBatch(batch, selection)
  wholes.set(batch, made)
  return made
}

function matching(batch: StorageBatch<Stored>, selection: Selection): WatchBatch {
  const known = selections.get(batch) ?? new Map<string, WatchBatch>()
  selections.set(batch, known)
  const shared = known.get(selection.text)
  if (shared !== undefined) return shared
  const made = selectedBatch(batch, selection)
  known.set(selection.text, made)
  return made
}

function selectedBatch({ changes, progress }: StorageBatch<Stored>, selection: Selection): WatchBatch {
  const events: WatchEvent[] = []
  for (const change of changes) {
    const event = eventOf(change, selection)
    if (event !== undefined) events.push(event)
  }
  return { events, progress, isInitial: false }
}

/** What a change is to a watch that sees matching objects only: one that stops to match is gone. */
function eventOf(change: ItemChange<Stored>, { matches }: Selection): WatchEvent | undefined {
  const { item, previous } = change
  const was = previous !== undefined && (matches === undefined || matches(previous))
  if (change.type === 'remove') return was ? { type: 'DELETED', key: item.key, state: item } : undefined
  const is = matches === undefined || matches(item)
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', key: item.key, state: item }
  return was && previous !== undefined ? { type: 'DELETED', key: item.key, state: departed(item, previous) } : undefined
}

const departures = new WeakMap<Item<Stored>, StoredState>()

/** The old content at the revision of the change that took it out of the selection. */
function departed(item: Item<Stored>, previous: Item<Stored>): StoredState {
  const known = departures.get(item)
  if (known !== undefined) return known
  const state: StoredState = { value: previous.value, revision: item.revision }
  departures.set(item, state)
  return state
}

import { setImmediate } from 'node:timers/promises'
import type { WatchNotice } from '../../machinery/client.ts'
import type { Key } from '../../storage/storage.ts'
import type { WatchBatch } from './reads/watch.ts'
import type { Selection } from './reads/selection.ts'
import type { Registry } from './registry.ts'
import type { StoredState } from './stored.ts'

/** Before the state is listed afresh after a watch ended early. */
const relistDelayMs = 1_000

export type StateNotice = WatchNotice<StoredState>

/**
 * So many objects are looked at before others get a turn: to look is to parse. Those who follow a kind side by side
 * take the same ones in the same turn: with fewer than the codec remembers, one of them parses for all.
 */
const noticesPerTurn = 50

/**
 * The state, then every change, until `signal` aborts. A watch that falls behind ends; then the state is listed afresh
 * and what went missing meanwhile is given as deleted.
 */
export async function* localWatch(
  registry: Registry,
  selection: Selection,
  signal: AbortSignal,
): AsyncGenerator<readonly StateNotice[]> {
  const known = new Map<Key, StoredState>()
  while (!signal.aborted) {
    try {
      const start = { kind: 'state' as const, at: { kind: 'latest' as const } }
      for await (const batch of registry.watch({ selection, start }, signal)) {
        const notices = batch.isInitial ? initialNotices(known, batch) : changeNotices(known, batch)
        if (notices.length > noticesPerTurn) yield* inTurns(notices)
        else if (notices.length > 0) yield notices
      }
    } catch {
      // Whatever ended it: the state is listed afresh, and what happened meanwhile is seen then.
    }
    await registry.clock.sleep(relistDelayMs, signal).catch(() => undefined)
  }
}

async function* inTurns(notices: readonly StateNotice[]): AsyncGenerator<readonly StateNotice[]> {
  for (let from = 0; from < notices.length; from += noticesPerTurn) {
    if (from > 0) await setImmediate()
    yield notices.slice(from, from + noticesPerTurn)
  }
}

function initialNotices(known: Map<Key, StoredState>, { events }: WatchBatch): readonly StateNotice[] {
  const before = new Map(known)
  known.clear()
  const fresh: StateNotice[] = []
  for (const { key, state } of events) {
    known.set(key, state)
    if (before.get(key)?.revision !== state.revision) fresh.push({ type: 'set', object: state })
  }
  const gone = [...before].flatMap(([key, object]): StateNotice[] =>
    isReplaced(object, known.get(key)) ? [{ type: 'deleted', object }] : [],
  )
  return [...gone, ...fresh, { type: 'synced' }]
}

/** Gone, or another object has its name now. */
function isReplaced(before: StoredState, now: StoredState | undefined): boolean {
  if (now === undefined) return true
  return now.revision !== before.revision && now.value.object.metadata.uid !== before.value.object.metadata.uid
}

function changeNotices(known: Map<Key, StoredState>, { events }: WatchBatch): readonly StateNotice[] {
  return events.map(({ type, key, state }) => {
    if (type === 'DELETED') known.delete(key)
    else known.set(key, state)
    return { type: type === 'DELETED' ? 'deleted' : 'set', object: state }
  })
}

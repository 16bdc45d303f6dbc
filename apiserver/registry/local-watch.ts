import type { WatchNotice } from '../../machinery/client.ts'
import type { WatchBatch } from './reads/watch.ts'
import type { Selection } from './reads/selection.ts'
import type { Registry } from './registry.ts'
import type { StoredState } from './stored.ts'

/** Before the state is listed afresh after a watch ended early. */
const relistDelayMs = 1_000

export type StateNotice = WatchNotice<StoredState>

/**
 * The state, then every change, until `signal` aborts. A watch that falls behind ends; then the state is listed afresh
 * and what went missing meanwhile is given as deleted.
 */
export async function* localWatch(
  registry: Registry,
  selection: Selection,
  signal: AbortSignal,
): AsyncGenerator<readonly StateNotice[]> {
  const known = new Map<string, StoredState>()
  while (!signal.aborted) {
    try {
      const start = { kind: 'state' as const, at: { kind: 'latest' as const } }
      for await (const batch of registry.watch({ selection, start }, signal)) {
        const notices = batch.isInitial ? initialNotices(known, batch) : changeNotices(known, batch)
        if (notices.length > 0) yield notices
      }
    } catch {
      // Whatever ended it: the state is listed afresh, and what happened meanwhile is seen then.
    }
    await registry.clock.sleep(relistDelayMs, signal).catch(() => undefined)
  }
}

function initialNotices(known: Map<string, StoredState>, { events }: WatchBatch): readonly StateNotice[] {
  const current = new Map(events.map(({ state }) => [uidOf(state), state]))
  const gone = [...known]
    .filter(([uid]) => !current.has(uid))
    .map(([, object]) => ({ type: 'deleted' as const, object }))
  const fresh = [...current]
    .filter(([uid, state]) => known.get(uid)?.revision !== state.revision)
    .map(([, object]) => ({ type: 'set' as const, object }))
  known.clear()
  for (const [uid, state] of current) known.set(uid, state)
  return [...gone, ...fresh, { type: 'synced' }]
}

function changeNotices(known: Map<string, StoredState>, { events }: WatchBatch): readonly StateNotice[] {
  return events.map(({ type, state }) => {
    if (type === 'DELETED') known.delete(uidOf(state))
    else known.set(uidOf(state), state)
    return { type: type === 'DELETED' ? 'deleted' : 'set', object: state }
  })
}

function uidOf({ value }: StoredState): string {
  return value.object.metadata.uid ?? ''
}

import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import { jsonEqual } from '../../machinery/json/equal.ts'
import { syncedVersionOf } from '../target/marks.ts'

/**
 * Who waits longest for what: a Secret that is not there yet; a change, or what may be well again; an asking; the
 * clock; another try.
 */
export const lanes = { first: 0, changed: 1, forced: 2, due: 3, retry: 4 } as const

/** `woken`: nothing of its own changed. */
export type Reason = 'changed' | 'forced' | 'woken'

export function laneOf({ metadata, status }: ExternalSecret, reason: Reason): number {
  const syncedVersion = status?.syncedResourceVersion ?? ''
  if (syncedVersion === '') return lanes.first
  if (reason !== 'woken') return lanes[reason]
  const isWell = status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') ?? false
  return isWell && syncedVersion === syncedVersionOf(metadata) ? lanes.due : lanes.changed
}

/** As in ESO, its own status sets nothing going. An annotation alone asks for a refresh. */
export function changeOf(before: ExternalSecret | undefined, { metadata: after }: ExternalSecret): Reason | undefined {
  const known = before?.metadata
  const isSame =
    known !== undefined &&
    known.uid === after.uid &&
    known.generation === after.generation &&
    known.deletionTimestamp === after.deletionTimestamp &&
    jsonEqual(known.labels ?? {}, after.labels ?? {})
  if (!isSame) return 'changed'
  return jsonEqual(known.annotations ?? {}, after.annotations ?? {}) ? undefined : 'forced'
}

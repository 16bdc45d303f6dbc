import type { ObjectMeta } from '../../../machinery/object.ts'
import { formatTime } from '../../../machinery/time.ts'
import type { KindDeclaration } from '../kind.ts'
import { type Stored, withObject } from '../stored.ts'

export type PropagationPolicy = 'Orphan' | 'Background' | 'Foreground'

/** What DeleteOptions say about dependents; `orphanDependents` is the old spelling. */
export interface Propagation {
  readonly policy?: PropagationPolicy
  readonly orphanDependents?: boolean
}

export const orphanFinalizer = 'orphan'
export const foregroundFinalizer = 'foregroundDeletion'

/** True when nothing holds a deleted object any more: the write that makes it so removes it. */
export function isReleased(kind: KindDeclaration, metadata: ObjectMeta): boolean {
  if (metadata.deletionTimestamp === undefined || kind.terminating !== undefined) return false
  return (metadata.finalizers ?? []).length === 0 && (metadata.deletionGracePeriodSeconds ?? 0) === 0
}

/** What a deletion leaves: the clients' own finalizers, and the garbage collector's by the propagation asked for. */
export function finalizersOfDeletion(metadata: ObjectMeta, propagation: Propagation): readonly string[] {
  const current = metadata.finalizers ?? []
  const own = current.filter((finalizer) => finalizer !== orphanFinalizer && finalizer !== foregroundFinalizer)
  const finalizers = [...own]
  if (mustOrphan(current, propagation)) finalizers.push(orphanFinalizer)
  if (mustWait(current, propagation)) finalizers.push(foregroundFinalizer)
  return finalizers
}

/** The object while it is being deleted; the same one when it is already in that state. */
export function marked(
  kind: KindDeclaration,
  live: Stored,
  deletion: { finalizers: readonly string[]; nowMs: number },
): Stored {
  const { metadata } = live.object
  const isFirst = metadata.deletionTimestamp === undefined
  const { finalizers: _, ...rest } = metadata
  const object = {
    ...live.object,
    metadata: {
      ...rest,
      ...(isFirst && metadata.generation !== undefined && { generation: metadata.generation + 1 }),
      deletionTimestamp: metadata.deletionTimestamp ?? formatTime(deletion.nowMs),
      deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds ?? 0,
      ...(deletion.finalizers.length > 0 && { finalizers: deletion.finalizers }),
    },
  }
  return withObject(live, kind.terminating?.(object) ?? object)
}

function mustOrphan(current: readonly string[], { policy, orphanDependents }: Propagation): boolean {
  if (orphanDependents !== undefined) return orphanDependents
  if (policy !== undefined) return policy === 'Orphan'
  return current.includes(orphanFinalizer)
}

function mustWait(current: readonly string[], { policy, orphanDependents }: Propagation): boolean {
  if (orphanDependents !== undefined) return false
  if (policy !== undefined) return policy === 'Foreground'
  return current.includes(foregroundFinalizer) && !current.includes(orphanFinalizer)
}

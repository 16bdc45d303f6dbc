import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import { StatusError } from '../../machinery/status.ts'
import { isRefreshDue } from '../schedule.ts'
import type { SyncerParts } from '../syncer-parts.ts'
import { targetNameOf } from './policy.ts'
import type { TargetKind } from './target-kind.ts'

interface Looking {
  readonly object: ExternalSecret
  readonly target: TargetKind
  readonly isForced: boolean
}

type Parts = Pick<SyncerParts, 'clock' | 'memory'>

/**
 * Where no watch tells: what is there under the name of its target and under the name that it wrote last, when that
 * is not known yet or a refresh is due. One that was never poured is created without looking. Answers whether the
 * cluster could be asked.
 */
export function couldLook(looking: Looking, parts: Parts): MaybePromise<boolean> {
  const { metadata, status } = looking.object
  const { targets } = looking.target
  if (status?.syncedResourceVersion === undefined || targets.isWatched(metadata.namespace ?? '')) return true
  return look(looking, parts)
}

async function look({ object, target, isForced }: Looking, { clock, memory }: Parts): Promise<boolean> {
  const { targets, words } = target
  const { namespace = '', uid = '' } = object.metadata
  const bound = words.isBound ? object.status?.binding?.name : undefined
  const looked = { externalSecret: object, lastSyncMs: memory.get(uid)?.lastSyncMs }
  const isDue = isForced || isRefreshDue(looked, clock.now())
  const names = new Set([targetNameOf(object), ...(bound ? [bound] : [])])
  try {
    for (const name of names) {
      if (isDue || targets.get(namespace, name) === undefined) await targets.look(namespace, name)
    }
    return true
  } catch (error) {
    // A refusal is for the pass to meet and to tell.
    return error instanceof StatusError
  }
}

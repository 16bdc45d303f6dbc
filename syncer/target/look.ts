import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import { StatusError } from '../../machinery/status.ts'
import { isRefreshDue } from '../schedule.ts'
import { targetNameOf } from './policy.ts'
import type { TargetKind } from './target-kind.ts'

interface Looking {
  readonly externalSecret: ExternalSecret
  readonly lastSyncMs: number | undefined
  readonly isForced: boolean
  readonly nowMs: number
}

/**
 * Where no watch tells: what is there under the name of its target and under the name that it wrote last, when that
 * is not known yet or a refresh is due. One that was never poured is created without looking. Answers whether the
 * cluster could be asked.
 */
export function couldLook(looking: Looking, target: TargetKind): MaybePromise<boolean> {
  const { metadata, status } = looking.externalSecret
  if (status?.syncedResourceVersion === undefined || target.targets.isWatched(metadata.namespace ?? '')) return true
  return look(looking, target)
}

async function look(looking: Looking, { targets, words }: TargetKind): Promise<boolean> {
  const { externalSecret: object, isForced, nowMs } = looking
  const { namespace = '' } = object.metadata
  const bound = words.isBound ? object.status?.binding?.name : undefined
  const isDue = isForced || isRefreshDue(looking, nowMs)
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

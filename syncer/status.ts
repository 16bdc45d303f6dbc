import type { ExternalSecret, ExternalSecretStatus } from '../kinds/external-secret/v1.ts'
import { setCondition } from '../machinery/conditions.ts'
import { jsonEqual } from '../machinery/json/equal.ts'
import { formatTime, parseTime } from '../machinery/time.ts'
import { refreshedMsOf } from './schedule.ts'
import { syncedVersionOf } from './target/marks.ts'

/** How a pass ended, as far as the status tells it (eso-behaviour.md 1.12). */
export interface PassResult {
  /** Whether the Secret holds what the provider has; else the rest of the status stays as it was. */
  readonly isSynced: boolean
  readonly reason: string
  readonly message: string
  /** What is told to who asks, and not in the condition, which must not change from try to try. */
  readonly detail?: string
  /** The name of the Secret that was written, or that the pass tried to change. */
  readonly boundTo?: string
}

export const synced = { isSynced: true, reason: 'SecretSynced', message: 'secret synced' } as const

/** Under the policy Merge, which needs a Secret that is there: nothing is wrong, and nothing is written. */
export const absent = {
  isSynced: true,
  reason: 'SecretMissing',
  message: 'secret will not be created due to CreationPolicy=Merge',
} as const

export const retained = { ...synced, message: 'secret retained due to DeletionPolicy=Retain' } as const

export const deleted = {
  isSynced: true,
  reason: 'SecretDeleted',
  message: 'secret deleted due to DeletionPolicy=Delete',
} as const

export function failedWith(message: string, detail = message): PassResult {
  return { isSynced: false, reason: 'SecretSyncedError', message, detail }
}

/** The status after a pass that began at `startMs`. */
export function statusAfter(
  { metadata, status }: ExternalSecret,
  result: PassResult,
  startMs: number,
): ExternalSecretStatus {
  const condition = {
    type: 'Ready' as const,
    status: result.isSynced ? 'True' : 'False',
    reason: result.reason,
    message: result.message,
  }
  return {
    ...status,
    refreshTime: result.isSynced ? formatTime(startMs) : (status?.refreshTime ?? null),
    ...(result.isSynced && { syncedResourceVersion: syncedVersionOf(metadata) }),
    conditions: setCondition(status?.conditions, condition, formatTime(startMs)),
    binding: { name: result.boundTo ?? status?.binding?.name ?? '' },
  }
}

/** Whether `statusAfter` would say nothing worth writing: most passes end so, and nothing is made for them. */
export function saysAlready(
  externalSecret: ExternalSecret,
  result: PassResult,
  { startMs, granularityMs }: { readonly startMs: number; readonly granularityMs: number },
): boolean {
  const { metadata, status } = externalSecret
  const refreshedMs = refreshedMsOf(externalSecret)
  if (!result.isSynced || refreshedMs === undefined || status?.binding === undefined) return false
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  return (
    ready?.status === 'True' &&
    ready.reason === result.reason &&
    ready.message === result.message &&
    status.syncedResourceVersion === syncedVersionOf(metadata) &&
    (result.boundTo ?? status.binding.name) === status.binding.name &&
    Math.abs(Math.floor(startMs / 1000) * 1000 - refreshedMs) < granularityMs
  )
}

/** A status that says nothing new but the time is written once in a while only: the table shows the true time. */
export function isWorthWriting(
  previous: ExternalSecretStatus | undefined,
  next: ExternalSecretStatus,
  refreshTimeGranularityMs: number,
): boolean {
  if (!jsonEqual({ ...previous, refreshTime: null }, { ...next, refreshTime: null })) return true
  const [before, after] = [timeOf(previous), timeOf(next)]
  if (before === undefined || after === undefined) return before !== after
  return Math.abs(after - before) >= refreshTimeGranularityMs
}

function timeOf(status: ExternalSecretStatus | undefined): number | undefined {
  return typeof status?.refreshTime === 'string' ? parseTime(status.refreshTime) : undefined
}

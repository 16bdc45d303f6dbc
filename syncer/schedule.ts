import type { ExternalSecret, ExternalSecretSpec } from '../kinds/external-secret/v1.ts'
import { parseGoDuration } from '../machinery/duration.ts'
import { parseTime } from '../machinery/time.ts'
import { syncedVersionOf } from './target/marks.ts'
import { momentAfter, phaseOf } from './values/phase.ts'
import { windowsAllow } from './windows/sync-windows.ts'

/**
 * When an ExternalSecret is due (eso-behaviour.md 1.4, 1.10). Pure: the moment is an argument. A refresh by the clock
 * comes at the next moment of its phase: never later than ESO's, which is an interval after the last one.
 */
export interface Looked {
  readonly externalSecret: ExternalSecret
  /** When values were last fetched, where this process knows better than the status. */
  readonly lastSyncMs?: number | undefined
}

const defaultIntervalMs = 3_600_000

function refreshIntervalMs({ refreshInterval }: ExternalSecretSpec): number {
  return refreshInterval === undefined ? defaultIntervalMs : (parseGoDuration(refreshInterval) ?? defaultIntervalMs)
}

/** How old what it is given may be: no older than its interval, however long it waited for its turn. */
export function valueAgeMax({ spec }: ExternalSecret): number {
  const intervalMs = refreshIntervalMs(spec)
  return intervalMs <= 0 ? Number.POSITIVE_INFINITY : intervalMs
}

/** What an object says of its times. */
interface Timing {
  readonly intervalMs: number
  /** In its interval; undefined where something is generated. */
  readonly phase: number | undefined
  /** What its status tells. */
  readonly refreshedMs: number | undefined
}

/** An object is looked at several times in each pass, and mostly stays the same from interval to interval. */
const timings = new WeakMap<ExternalSecret, Timing>()

function timingOf(externalSecret: ExternalSecret): Timing {
  const known = timings.get(externalSecret)
  if (known !== undefined) return known
  const { spec, status } = externalSecret
  const { refreshTime } = status ?? {}
  const timing = {
    intervalMs: refreshIntervalMs(spec),
    phase: phaseOf(externalSecret),
    refreshedMs: typeof refreshTime === 'string' ? parseTime(refreshTime) : undefined,
  }
  timings.set(externalSecret, timing)
  return timing
}

/** What its status tells. */
export function refreshedMsOf(externalSecret: ExternalSecret): number | undefined {
  return timingOf(externalSecret).refreshedMs
}

export function isRefreshDue(looked: Looked, nowMs: number): boolean {
  const { spec, status, metadata } = looked.externalSecret
  const synced = status?.syncedResourceVersion ?? ''
  const refreshedMs = refreshedAt(looked)
  const isFirst = synced === '' || refreshedMs === undefined
  if (spec.refreshPolicy === 'CreatedOnce') return isFirst
  const isChanged = synced !== syncedVersionOf(metadata)
  if (spec.refreshPolicy === 'OnChange') return isFirst || isChanged
  const { intervalMs } = timingOf(looked.externalSecret)
  // As ESO has it, an interval of 0 means never again, whatever else changes.
  if (intervalMs <= 0 && synced !== '') return false
  if (isChanged || refreshedMs === undefined || refreshedMs > nowMs) return true
  return dueAt(looked, refreshedMs) <= nowMs && windowsAllow(spec.syncWindows, nowMs)
}

/** The moment that the clock, and nothing else, made it due; `undefined` when it is not due, or changed as well. */
export function overdueSince(looked: Looked, nowMs: number): number | undefined {
  const { status, metadata } = looked.externalSecret
  const refreshedMs = refreshedAt(looked)
  if (refreshedMs === undefined || status?.syncedResourceVersion !== syncedVersionOf(metadata)) return undefined
  if (!isRefreshDue(looked, nowMs) || refreshedMs > nowMs) return undefined
  return dueAt(looked, refreshedMs)
}

/**
 * The longest pause between tries: never longer than the interval; and what is asked for once a day is not tried
 * every few minutes.
 */
export function retryPauseMax(spec: ExternalSecretSpec, retryMaxMs: number): number {
  const intervalMs = refreshIntervalMs(spec)
  return intervalMs <= 0 ? retryMaxMs : Math.min(intervalMs, Math.max(retryMaxMs, intervalMs / 24))
}

const minuteMs = 60_000

/**
 * When to look again after a pass that left nothing due; undefined: only when something changes. A refresh that a
 * window holds back is looked at once a minute, because cron knows nothing finer.
 */
export function nextLookAt(looked: Looked, nowMs: number): number | undefined {
  const { spec } = looked.externalSecret
  const { intervalMs } = timingOf(looked.externalSecret)
  if (spec.refreshPolicy === 'CreatedOnce' || spec.refreshPolicy === 'OnChange' || intervalMs <= 0) return undefined
  const refreshedMs = refreshedAt(looked) ?? nowMs
  const dueMs = refreshedMs > nowMs ? nowMs : dueAt(looked, refreshedMs)
  return dueMs > nowMs ? dueMs : Math.floor(nowMs / minuteMs + 1) * minuteMs
}

function dueAt({ externalSecret }: Looked, refreshedMs: number): number {
  const { intervalMs, phase } = timingOf(externalSecret)
  return phase === undefined ? refreshedMs + intervalMs + 1 : momentAfter(refreshedMs, { phase, intervalMs })
}

function refreshedAt({ externalSecret, lastSyncMs }: Looked): number | undefined {
  const { refreshedMs } = timingOf(externalSecret)
  if (lastSyncMs === undefined || refreshedMs === undefined) return refreshedMs
  return Math.max(refreshedMs, lastSyncMs)
}

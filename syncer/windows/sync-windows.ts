import type { ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'
import { parseGoDuration } from '../../machinery/duration.ts'
import { parseCron } from './cron.ts'

export type SyncWindows = NonNullable<ExternalSecretSpec['syncWindows']>
export type SyncWindow = SyncWindows['windows'][number]

/** Whether `spec.syncWindows` lets a refresh happen at that moment (eso-behaviour.md 1.4). */
export function windowsAllow(syncWindows: SyncWindows | undefined, nowMs: number): boolean {
  const windows = syncWindows?.windows ?? []
  if (syncWindows === undefined || windows.length === 0) return true
  const isAnyOpen = windows.some((window) => isOpen(window, nowMs))
  return syncWindows.kind === 'deny' ? !isAnyOpen : syncWindows.kind !== 'allow' || isAnyOpen
}

/**
 * From a firing until `duration` later, both moments included. One that cannot be read is never open. ESO looks at one
 * firing alone, and finds a window that overlaps itself closed for the second after each end; that is when the clock
 * makes us look.
 */
export function isOpen({ schedule, duration }: SyncWindow, nowMs: number): boolean {
  const cron = parseCron(schedule)
  const durationMs = parseGoDuration(duration)
  if (cron === undefined || durationMs === undefined) return false
  const first = cron.next(nowMs - durationMs - 1000)
  const isOver = first !== undefined && first + durationMs < nowMs
  const firing = isOver ? cron.next(first) : first
  return firing !== undefined && firing <= nowMs && nowMs <= firing + durationMs
}

import type { SecretStore, SecretStoreStatus } from '../../kinds/secret-store/v1.ts'
import { setCondition } from '../../machinery/conditions.ts'
import { parseGoDuration } from '../../machinery/duration.ts'
import { formatTime } from '../../machinery/time.ts'
import type { ProviderError } from '../../providers/errors.ts'
import type { ProviderSpec } from '../../providers/provider.ts'
import { ignoreMaintenanceAnnotation } from '../target/marks.ts'

/** What came of looking at a store (eso-behaviour.md 2.1). */
export interface Verdict {
  readonly isReady: boolean
  readonly reason: 'Valid' | 'ValidationUnknown' | 'InvalidProviderConfig'
  /** Goes into the condition; `detail` into the event. */
  readonly message: string
  readonly detail: string
  readonly capabilities?: string
  /** The provider could be reached, and will not have us. */
  readonly isRefused?: boolean
}

export function valid(spec: ProviderSpec<unknown> | undefined): Verdict {
  return {
    isReady: true,
    reason: 'Valid',
    message: 'store validated',
    detail: 'store validated',
    ...(spec && { capabilities: spec.statusCapabilities }),
  }
}

/** The provider could not tell: the store may be used, and its ExternalSecrets will see. */
export const unknown: Verdict = {
  isReady: true,
  reason: 'ValidationUnknown',
  message: 'could not determine validation status',
  detail: 'unable to validate',
}

export function notReady(
  message: 'unable to create client' | 'unable to validate store',
  { code, message: detail }: ProviderError,
): Verdict {
  const isRefused = code !== 'unavailable' && code !== 'throttled'
  return { isReady: false, reason: 'InvalidProviderConfig', message, detail, isRefused }
}

export function statusWith(verdict: Verdict, { status }: SecretStore, nowMs: number): SecretStoreStatus {
  const { isReady, reason, message, capabilities } = verdict
  const condition = { type: 'Ready', status: isReady ? 'True' : 'False', reason, message }
  return {
    ...status,
    ...(capabilities !== undefined && { capabilities }),
    conditions: setCondition(status?.conditions, condition, formatTime(nowMs)),
  }
}

/** The warning that a store of this provider carries along, unless its owner knows. */
export function maintenanceWarning(
  { metadata }: SecretStore,
  spec: ProviderSpec<unknown> | undefined,
): { readonly reason: string; readonly message: string } | undefined {
  if (metadata.annotations?.[ignoreMaintenanceAnnotation] !== undefined) return undefined
  const plan = 'Please plan and prepare accordingly.'
  switch (spec?.maintenance) {
    case 'NotMaintained':
      return { reason: 'StoreUnmaintained', message: `store isn't currently maintained. ${plan}` }
    case 'Deprecated':
      return { reason: 'StoreDeprecated', message: `store is deprecated. ${plan}` }
    case undefined:
      return undefined
  }
}

/** `spec.refreshInterval` when it is above 0: seconds, or a duration. */
export function validationIntervalMs({ spec }: SecretStore, defaultMs: number): number {
  const { refreshInterval = 0 } = spec
  const text = String(refreshInterval)
  const intervalMs = /^\d+$/.test(text) ? Number(text) * 1000 : (parseGoDuration(text) ?? 0)
  return intervalMs > 0 ? intervalMs : defaultMs
}

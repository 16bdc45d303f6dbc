import type { ExternalSecretRefreshStatus } from '../../kinds/verbs/external-secret-refresh/kind.ts'
import type { PassOutcome } from '../report/report.ts'

/** What came of a refresh, for who asked for it. */
export function refreshStatus({ result, status }: PassOutcome): ExternalSecretRefreshStatus {
  const { conditions, refreshTime, syncedResourceVersion } = status
  return {
    synced: result.isSynced,
    ...(result.detail !== undefined && { detail: result.detail }),
    ...(conditions && { conditions }),
    ...(refreshTime !== undefined && { refreshTime }),
    ...(syncedResourceVersion !== undefined && { syncedResourceVersion }),
  }
}

import type { AdmissionContext } from '../../admission/admission-context.ts'
import type { UserInfo } from '../../request-context.ts'
import type { StoredState } from '../stored.ts'

/** Who writes, in which version, and how far the write may go. */
export interface WriteRequest {
  readonly version: string
  readonly user: UserInfo
  /** As it stands in managedFields; '' is `unknown`. */
  readonly fieldManager: string
  /** Everything is checked and answered, nothing is stored. */
  readonly isDryRun: boolean
  /** Nobody waits for the answer any more: no further try is begun. */
  readonly isAborted: () => boolean
  readonly warn: (text: string) => void
  readonly context?: AdmissionContext
}

export interface Written {
  readonly state: StoredState
  readonly created: boolean
}

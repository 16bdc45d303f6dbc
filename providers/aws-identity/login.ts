import type { ConnectContext } from '../provider.ts'
import type { AwsAuth } from './auth.ts'
import type { RoleWish } from './role-assumer.ts'

/** Who we are to AWS. */
export interface AwsLogin {
  readonly region: string
  /** A ServiceAccount counts before static credentials; without both, the process is itself. */
  readonly auth: AwsAuth | undefined
  /** What sessions of web identities are called. */
  readonly sessionName: string
  /** Assumed one after the other, each with the credentials before it. */
  readonly roles: readonly RoleWish[]
}

export type AwsContext = Pick<ConnectContext, 'references' | 'outbound'>

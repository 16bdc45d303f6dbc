import type { ConnectContext } from '../provider.ts'
import type { AwsAuth } from './auth.ts'
import type { RoleWish } from './role-assumer.ts'

/** Who we are to AWS. */
export interface AwsLogin {
  readonly region: string
  /** A ServiceAccount counts before static credentials; without both, the process is itself. */
  readonly auth: AwsAuth | undefined
  /** What sessions of roles are called. */
  readonly sessionName: string
  /** Assumed one after the other, each with the credentials before it. */
  readonly roles: readonly RoleWish[]
}

/** As the original calls those of its provider for AWS, and of its generators. */
export const awsSessionName = 'external-secrets-provider-aws'

/** A role and its external ID as specs give them: empty is absent. */
export function assumedRole(role = '', externalId = ''): readonly RoleWish[] {
  if (role === '') return []
  return [{ RoleArn: role, ...(externalId !== '' && { ExternalId: externalId }) }]
}

export type AwsContext = Pick<ConnectContext, 'references' | 'outbound'>

import type { AwsAuth } from '../../aws-identity/auth.ts'
import { credentialsOf } from '../../aws-identity/credentials.ts'
import { assumedRole, awsSessionName as sessionName } from '../../aws-identity/login.ts'
import type { CredentialSource } from '../../aws-identity/role-assumer.ts'
import type { GenerateContext } from '../generator.ts'
import type { EcrAuthorizationTokenSpec } from '../schemas/clouds.ts'

type AwsGeneratorSpec = Pick<EcrAuthorizationTokenSpec, 'region' | 'auth' | 'role'>

/** Those of a store of aws that logs in with `auth` and assumes `role`. */
export function awsCredentials(
  { region, auth, role }: AwsGeneratorSpec,
  context: GenerateContext,
): Promise<CredentialSource & Disposable> {
  return credentialsOf({ region, auth: oneOf(auth), sessionName, roles: assumedRole(role) }, context)
}

/** Static credentials count before a ServiceAccount; in stores it is the other way round, as in the original. */
function oneOf({ secretRef, jwt }: AwsAuth = {}): AwsAuth {
  if (secretRef !== undefined) return { secretRef }
  return jwt === undefined ? {} : { jwt }
}

import type { Ambient } from '../credentials/ambient.ts'
import { ProviderError } from '../errors.ts'
import type { AwsContext } from './login.ts'
import { podIdentity } from './pod-identity.ts'
import type { CredentialSource, RoleAssumer } from './role-assumer.ts'

/**
 * Who the process is to AWS, out of its environment alone and in the order of the SDK's default chain: static
 * credentials, the token and role that EKS gives a ServiceAccount (IRSA), the EKS Pod Identity Agent. Profiles in the
 * home directory, containers of ECS and the metadata service of a machine are not asked. Rejects with ProviderError.
 */
export async function ownCredentials(context: AwsContext, assumer: RoleAssumer): Promise<CredentialSource> {
  const ambient = context.references.ambient()
  const accessKeyId = ambient.variable('AWS_ACCESS_KEY_ID')
  const secretAccessKey = ambient.variable('AWS_SECRET_ACCESS_KEY')
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const sessionToken = ambient.variable('AWS_SESSION_TOKEN')
    return async () => ({ accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) })
  }
  const tokenFile = ambient.variable('AWS_WEB_IDENTITY_TOKEN_FILE')
  if (tokenFile !== undefined) return tokenRole(tokenFile, ambient, assumer)
  const agent = ambient.variable('AWS_CONTAINER_CREDENTIALS_FULL_URI')
  if (agent !== undefined) return podIdentity(agent, ambient, context)
  const variables = 'AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE and AWS_CONTAINER_CREDENTIALS_FULL_URI'
  throw failed(`the process has no AWS identity of its own: of ${variables} none is set`)
}

/** The kubelet renews the file: it is read whenever the role is assumed, and now, so that it is in the fingerprint. */
async function tokenRole(path: string, ambient: Ambient, assumer: RoleAssumer): Promise<CredentialSource> {
  const RoleArn = ambient.variable('AWS_ROLE_ARN')
  if (RoleArn === undefined) throw failed('AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not')
  const token = () => ambient.file(path, 'AWS_WEB_IDENTITY_TOKEN_FILE')
  await token()
  const name = ambient.variable('AWS_ROLE_SESSION_NAME')
  return assumer.withToken({ RoleArn, ...(name !== undefined && { RoleSessionName: name }) }, token)
}

function failed(text: string): ProviderError {
  return new ProviderError('auth-failed', `unable to create session: ${text}`)
}

import { credentialsOf, type CredentialSource } from '../../aws/credentials.ts'
import { ProviderError } from '../../errors.ts'
import type { GenerateContext } from '../generator.ts'
import type { EcrAuthorizationTokenSpec } from '../schemas/clouds.ts'

type AwsGeneratorSpec = Pick<EcrAuthorizationTokenSpec, 'region' | 'auth' | 'role'>

/** Those of a store of aws that logs in with `auth` and assumes `role`. */
export async function awsCredentials(
  { region, auth, role }: AwsGeneratorSpec,
  context: GenerateContext,
): Promise<CredentialSource & Disposable> {
  // It becomes a label of the host that is called.
  if (!/^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/.test(region)) {
    throw new ProviderError('invalid-ref', 'region must be an AWS region, such as eu-central-1')
  }
  const spec = { service: 'SecretsManager', region, auth: oneOf(auth) } as const
  const store = { kind: 'SecretStore', namespace: context.namespace, name: '' } as const
  return credentialsOf({ ...spec, ...(role !== undefined && { role }) }, { ...context, store })
}

/** Static credentials count before a ServiceAccount; in stores it is the other way round, as in the original. */
function oneOf({ secretRef, jwt }: NonNullable<AwsGeneratorSpec['auth']> = {}) {
  if (secretRef !== undefined) return { secretRef }
  if (jwt?.serviceAccountRef !== undefined) return { jwt }
  const text = "the process's own AWS identity is not served yet; give auth.secretRef or auth.jwt.serviceAccountRef"
  throw new ProviderError('unsupported', text)
}

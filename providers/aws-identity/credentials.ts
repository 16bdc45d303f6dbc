import { ProviderError } from '../errors.ts'
import type { References, SecretKeySelector, ServiceAccountSelector } from '../references.ts'
import type { AwsAuth } from './auth.ts'
import type { AwsContext, AwsLogin } from './login.ts'
import { ownCredentials } from './own-credentials.ts'
import { isRegion, regionRule } from './region.ts'
import { type CredentialSource, type Identity, RoleAssumer } from './role-assumer.ts'

/** Disposing it gives up the clients in between. Rejects with ProviderError. */
export async function credentialsOf(login: AwsLogin, context: AwsContext): Promise<CredentialSource & Disposable> {
  if (!isRegion(login.region)) throw new ProviderError('invalid-ref', `region ${regionRule}`)
  const assumer = new RoleAssumer(login, context.outbound)
  let source = await firstSource(login, context, assumer)
  for (const role of login.roles) source = await assumer.withCredentials(role, source)
  return Object.assign(source, { [Symbol.dispose]: () => assumer[Symbol.dispose]() })
}

async function firstSource(login: AwsLogin, context: AwsContext, assumer: RoleAssumer): Promise<CredentialSource> {
  const { jwt, secretRef } = login.auth ?? {}
  const account = jwt?.serviceAccountRef
  if (account !== undefined) return accountRole(account, context, assumer)
  if (secretRef === undefined) {
    if (jwt === undefined) return ownCredentials(context, assumer)
    throw new ProviderError('invalid-ref', 'unable to create session: jwt names no serviceAccountRef')
  }
  const base = await staticCredentials(secretRef, context.references)
  return async () => base
}

/** The role that annotates the ServiceAccount, assumed with a token of it (IRSA). */
async function accountRole(
  account: ServiceAccountSelector,
  { references }: AwsContext,
  assumer: RoleAssumer,
): Promise<CredentialSource> {
  const annotations = await references.serviceAccountAnnotations(account)
  const RoleArn = annotations['eks.amazonaws.com/role-arn'] ?? ''
  if (RoleArn === '') {
    const text = `the ServiceAccount "${account.name}" has no annotation eks.amazonaws.com/role-arn`
    throw new ProviderError('auth-failed', `unable to create session: ${text}`)
  }
  const audiences = [annotations['eks.amazonaws.com/audience'] ?? 'sts.amazonaws.com']
  return assumer.withToken({ RoleArn }, () =>
    references.serviceAccountToken(account, { audiences, expirationSeconds: 3600 }),
  )
}

async function staticCredentials(
  selectors: NonNullable<AwsAuth['secretRef']>,
  references: References,
): Promise<Identity> {
  const fetch = async (what: string, selector: SecretKeySelector) => {
    try {
      return await references.secretKey(selector)
    } catch (error) {
      if (!(error instanceof ProviderError) || error.code === 'needs-consumer') throw error
      throw new ProviderError(error.code, `unable to create session: could not fetch ${what} secret: ${error.message}`)
    }
  }
  const secretAccessKey = await fetch('SecretAccessKey', selectors.secretAccessKeySecretRef ?? {})
  const accessKeyId = await fetch('accessKeyID', selectors.accessKeyIDSecretRef ?? {})
  if (selectors.sessionTokenSecretRef === undefined) return { accessKeyId, secretAccessKey }
  return { accessKeyId, secretAccessKey, sessionToken: await fetch('sessionToken', selectors.sessionTokenSecretRef) }
}

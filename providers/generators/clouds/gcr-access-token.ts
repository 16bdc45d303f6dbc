import { ProviderError } from '../../errors.ts'
import { textEntries, type GenerateContext, type PassingGenerator } from '../generator.ts'
import type { GcrAccessTokenSpec } from '../schemas/clouds.ts'
import { serviceAccountToken } from './google-service-account.ts'
import type { GoogleToken } from './google-token.ts'
import { workloadIdentityToken } from './google-workload-identity.ts'

/** An access token of Google Cloud. It ends by itself after an hour. */
export const gcrAccessTokenGenerator: PassingGenerator<GcrAccessTokenSpec> = {
  async generate(spec, context) {
    const { token, expiry } = await googleToken(spec, context)
    return textEntries({ username: 'oauth2accesstoken', password: token, expiry: String(expiry) })
  },
}

/** By the first of the ways that the spec names. */
function googleToken(spec: GcrAccessTokenSpec, context: GenerateContext): Promise<GoogleToken> {
  const { secretRef, workloadIdentity } = spec.auth
  if (secretRef !== undefined) return serviceAccountToken(secretRef.secretAccessKeySecretRef ?? {}, context)
  if (workloadIdentity !== undefined) return workloadIdentityToken(workloadIdentity, spec.projectID, context)
  const text = 'this way to log in is not served yet; served are auth.secretRef and auth.workloadIdentity'
  throw new ProviderError('unsupported', text)
}

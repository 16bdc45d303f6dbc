import { apiAddress, apiAnswer, pathSegment } from '../api/api-call.ts'
import { expiryOf } from '../api/jwt.ts'
import { textEntries, type PassingGenerator } from '../generator.ts'
import type { CloudsmithAccessTokenSpec } from '../schemas/forges.ts'
import { federatedToken } from './federated-token.ts'

/** A token of a service of Cloudsmith, for the token of a ServiceAccount that it trusts. */
export const cloudsmithAccessTokenGenerator: PassingGenerator<CloudsmithAccessTokenSpec> = {
  async generate({ apiUrl, orgSlug, serviceSlug, serviceAccountRef }, context) {
    const address = apiAddress(apiUrl || 'https://api.cloudsmith.io', 'apiUrl')
    const trusted = await federatedToken(serviceAccountRef, context)
    const answer = await apiAnswer(
      {
        purpose: 'unable to exchange the token at Cloudsmith',
        method: 'POST',
        url: new URL(`${address}/openid/${pathSegment(orgSlug, 'orgSlug')}/`),
        body: { json: { oidc_token: trusted, service_slug: serviceSlug } },
      },
      context,
    )
    const token = answer.text('token')
    return textEntries({ auth: Buffer.from(`token:${token}`).toString('base64'), expiry: expiryOf(token) })
  },
}

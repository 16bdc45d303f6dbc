import { apiAddress, apiAnswer, basicAuth } from '../api/api-call.ts'
import { expiryOf } from '../api/jwt.ts'
import { textEntries, type PassingGenerator } from '../generator.ts'
import type { QuayAccessTokenSpec } from '../schemas/forges.ts'
import { federatedToken } from './federated-token.ts'

/** A token of a robot account, for the token of a ServiceAccount that it trusts. */
export const quayAccessTokenGenerator: PassingGenerator<QuayAccessTokenSpec> = {
  async generate({ url = '', robotAccount, serviceAccountRef }, context) {
    const registry = (url || 'quay.io').replace(/^https:\/\//, '')
    const address = apiAddress(`https://${registry}`, 'url')
    const trusted = await federatedToken(serviceAccountRef, context)
    const answer = await apiAnswer(
      {
        purpose: 'unable to get a token of the robot account',
        method: 'GET',
        url: new URL(`${address}/oauth2/federation/robot/token`),
        headers: { authorization: basicAuth(robotAccount, trusted) },
      },
      context,
    )
    const token = answer.text('token')
    const auth = Buffer.from(`${robotAccount}:${token}`).toString('base64')
    return textEntries({ registry, auth, expiry: expiryOf(token) })
  },
}

import { ProviderError } from '../../errors.ts'
import { trustOf } from '../../trust.ts'
import { apiAddress, apiAnswer, pathSegment } from '../api/api-call.ts'
import { textEntries, type PassingGenerator } from '../generator.ts'
import type { BeyondtrustDynamicSecretSpec } from '../schemas/forges.ts'

/** Credentials that BeyondTrust makes and ends by itself: there is no call that gives a lease back. */
export const beyondtrustDynamicSecretGenerator: PassingGenerator<BeyondtrustDynamicSecretSpec> = {
  async generate({ provider }, context) {
    const url = generateUrl(provider)
    const token = await context.references.secretKey(provider.auth.apikey.token)
    const answer = await apiAnswer(
      {
        purpose: 'unable to generate dynamic secret',
        method: 'POST',
        url,
        headers: {
          authorization: `Bearer ${token}`,
          'bt-secrets-api-version': apiVersion,
          'content-type': 'application/json',
        },
        ca: await trustOf(provider, context.references),
      },
      context,
    )
    const made = answer.member('secret')
    const sessionToken = made.optionalText('sessionToken')
    return textEntries({
      accessKeyId: made.text('accessKeyId'),
      secretAccessKey: made.text('secretAccessKey'),
      leaseId: made.optionalText('leaseId') ?? '',
      expiration: made.optionalText('expiration') ?? '',
      ...(sessionToken !== undefined && { sessionToken }),
    })
  },
}

/** The version of the answers read here; the server refuses a call without one. */
const apiVersion = '2026-04-28'

function generateUrl({ folderPath = '', server }: BeyondtrustDynamicSecretSpec['provider']): URL {
  const address = apiAddress(server.apiUrl, 'server.apiUrl')
  if (!address.startsWith('https://')) throw new ProviderError('invalid-ref', 'server.apiUrl must use https')
  if (!uuid.test(server.siteId)) throw new ProviderError('invalid-ref', 'server.siteId must be a UUID')
  const slash = folderPath.lastIndexOf('/')
  const [folder, name] = [folderPath.slice(0, Math.max(slash, 0)), folderPath.slice(slash + 1)]
  if (name === '') throw new ProviderError('invalid-ref', 'folderPath must end with the name of a secret')
  const url = new URL(`${address}/${server.siteId}/secrets/dynamic/${pathSegment(name, 'folderPath')}/generate`)
  if (folder !== '') url.searchParams.set('folder', folder)
  return url
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

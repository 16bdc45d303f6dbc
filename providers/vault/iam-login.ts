import { credentialsOf } from '../aws-identity/credentials.ts'
import { assumedRole } from '../aws-identity/login.ts'
import { domainOf } from '../aws-identity/region.ts'
import { signedRequest } from '../aws-identity/signed-request.ts'
import type { ConnectContext } from '../provider.ts'
import type { IamAuth } from './auth-schema.ts'

/**
 * What Vault's AWS auth method asks of a client (API documentation, "Login"): a request for GetCallerIdentity, signed
 * and not sent. Vault sends it to STS and so learns who signed it. Rejects with ProviderError.
 */
export async function iamLogin(iam: IamAuth, { references, outbound }: ConnectContext) {
  const region = iam.region || defaultRegion
  const login = { region, auth: iam, sessionName, roles: assumedRole(iam.role, iam.externalID) }
  using credentials = await credentialsOf(login, { references, outbound })
  const url = stsOf(region)
  const serverId = iam.vaultAwsIamServerID ?? ''
  const { headers } = await signedRequest(
    {
      service: 'sts',
      region,
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        ...(serverId !== '' && { 'x-vault-aws-iam-server-id': serverId }),
      },
      body,
      credentials,
      purpose: 'could not sign the request for GetCallerIdentity',
    },
    outbound,
  )
  const { host: _, ...shown } = headers
  return {
    role: iam.vaultRole,
    iam_http_request_method: 'POST',
    iam_request_url: base64(url.href),
    iam_request_headers: base64(JSON.stringify(shown)),
    iam_request_body: base64(body),
  }
}

const body = 'Action=GetCallerIdentity&Version=2011-06-15'
const defaultRegion = 'us-east-1'
const sessionName = 'external-secrets-provider-vault'

/** Of the first region it is the global one, where a Vault that was told nothing else sends it. */
function stsOf(region: string): URL {
  return new URL(`https://sts.${region === defaultRegion ? '' : `${region}.`}${domainOf(region)}/`)
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

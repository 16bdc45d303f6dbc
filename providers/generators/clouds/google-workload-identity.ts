import { ProviderError } from '../../errors.ts'
import { apiAnswer, pathSegment } from '../api/api-call.ts'
import type { GenerateContext } from '../generator.ts'
import type { GcrAccessTokenSpec } from '../schemas/clouds.ts'
import { cloudPlatform, type GoogleToken } from './google-token.ts'

type WorkloadIdentity = NonNullable<GcrAccessTokenSpec['auth']['workloadIdentity']>

/** A token of a ServiceAccount of a GKE cluster becomes one of Google Cloud, and then one of the account it acts as. */
export async function workloadIdentityToken(
  identity: WorkloadIdentity,
  projectId: string,
  context: GenerateContext,
): Promise<GoogleToken> {
  const annotations = await context.references.serviceAccountAnnotations(identity.serviceAccountRef)
  const own = await exchanged(identity, identity.clusterProjectID || projectId, context)
  const email = annotations['iam.gke.io/gcp-service-account'] ?? ''
  return email === '' ? own : actingAs(email, own, context)
}

async function exchanged(identity: WorkloadIdentity, project: string, context: GenerateContext): Promise<GoogleToken> {
  const pool = `${project}.svc.id.goog`
  const cluster = `projects/${project}/locations/${identity.clusterLocation}/clusters/${identity.clusterName}`
  const wish = { audiences: [pool], expirationSeconds: 900 }
  const answer = await apiAnswer(
    {
      purpose: 'unable to fetch identitybindingtoken',
      method: 'POST',
      url: new URL('https://securetoken.googleapis.com/v1/identitybindingtoken'),
      body: {
        json: {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
          requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          subject_token: await context.references.serviceAccountToken(identity.serviceAccountRef, wish),
          audience: `identitynamespace:${pool}:https://container.googleapis.com/v1/${cluster}`,
          scope: cloudPlatform,
        },
      },
    },
    context,
  )
  const seconds = Math.floor(context.clock.now() / 1000)
  return { token: answer.text('access_token'), expiry: seconds + answer.number('expires_in') }
}

async function actingAs(email: string, { token }: GoogleToken, context: GenerateContext): Promise<GoogleToken> {
  const account = pathSegment(email, 'iam.gke.io/gcp-service-account')
  const purpose = 'unable to generate gcp access token'
  const answer = await apiAnswer(
    {
      purpose,
      method: 'POST',
      url: new URL(
        `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
      ),
      headers: { authorization: `Bearer ${token}` },
      body: { json: { scope: [cloudPlatform] } },
    },
    context,
  )
  const endMs = Date.parse(answer.text('expireTime'))
  if (Number.isNaN(endMs))
    throw new ProviderError('unavailable', `${purpose}: the answer has no expireTime as it should be`)
  return { token: answer.text('accessToken'), expiry: Math.floor(endMs / 1000) }
}

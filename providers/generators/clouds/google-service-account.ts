import { isJsonObject } from '../../../machinery/json/member.ts'
import { ProviderError } from '../../errors.ts'
import type { SecretKeySelector } from '../../references.ts'
import { apiAddress, apiAnswer } from '../api/api-call.ts'
import { rsaKeyOf, signedJwt } from '../api/jwt.ts'
import type { GenerateContext } from '../generator.ts'
import { cloudPlatform, type GoogleToken } from './google-token.ts'

/** A token of a service account by its key (RFC 7523). */
export async function serviceAccountToken(selector: SecretKeySelector, context: GenerateContext): Promise<GoogleToken> {
  const key = keyOf(await context.references.secretKey(selector))
  const seconds = Math.floor(context.clock.now() / 1000)
  const answer = await apiAnswer(
    {
      purpose: 'unable to get a token of the service account',
      method: 'POST',
      url: new URL(key.tokenUri),
      body: { form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion(key, seconds) } },
    },
    context,
  )
  return { token: answer.text('access_token'), expiry: seconds + answer.number('expires_in') }
}

interface ServiceAccountKey {
  readonly email: string
  readonly privateKey: string
  readonly keyId: string | undefined
  readonly tokenUri: string
}

function keyOf(text: string): ServiceAccountKey {
  const file = parsed(text)
  const { type, client_email: email, private_key: privateKey, private_key_id: keyId, token_uri: uri } = file
  if (type !== 'service_account' || typeof email !== 'string' || typeof privateKey !== 'string') {
    throw new ProviderError('auth-failed', `${field}: it is not the JSON key of a service account`)
  }
  const tokenUri = typeof uri === 'string' && uri !== '' ? uri : 'https://oauth2.googleapis.com/token'
  return {
    email,
    privateKey,
    keyId: typeof keyId === 'string' ? keyId : undefined,
    tokenUri: apiAddress(tokenUri, `token_uri in ${field}`),
  }
}

const field = 'auth.secretRef.secretAccessKeySecretRef'

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

function assertion({ email, privateKey, keyId, tokenUri }: ServiceAccountKey, seconds: number): string {
  const issuedAt = seconds - 10
  const claims = {
    iss: email,
    scope: cloudPlatform,
    aud: tokenUri,
    iat: issuedAt,
    exp: issuedAt + 3600,
  }
  return signedJwt(claims, { key: rsaKeyOf(privateKey, `private_key in ${field}`), keyId })
}

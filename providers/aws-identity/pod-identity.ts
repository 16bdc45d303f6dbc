import { OutboundError } from '../../base/outbound/outbound-error.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { Ambient } from '../credentials/ambient.ts'
import { baseUrl } from '../base-url.ts'
import { ProviderError, type ProviderErrorCode } from '../errors.ts'
import type { AwsContext } from './login.ts'
import type { CredentialSource, Identity } from './role-assumer.ts'

/** Where the EKS Pod Identity Agent answers on every node: addresses that the guard refuses to everybody else. */
const agents: readonly string[] = ['169.254.170.23', 'fd00:ec2::23']

/**
 * Credentials from the EKS Pod Identity Agent, asked with the token of a file, which the kubelet renews. Rejects with
 * ProviderError.
 */
export async function podIdentity(
  address: string,
  ambient: Ambient,
  { outbound }: Pick<AwsContext, 'outbound'>,
): Promise<CredentialSource> {
  const agent = agentOf(address)
  const path = ambient.variable('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE')
  if (path === undefined) throw failed('auth-failed', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is not set')
  const token = () => ambient.file(path, 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE')
  await token()
  return async () => {
    const authorization = await token()
    if (!/^[\x21-\x7e]+$/.test(authorization)) throw failed('auth-failed', 'the file holds no token')
    const request = {
      ...agent,
      method: 'GET',
      headers: { authorization },
      signal: new AbortController().signal,
    } as const
    const { status, body } = await outbound.fetch(request).catch((error: unknown) => {
      throw failed('unavailable', error instanceof OutboundError ? error.message : 'the request failed')
    })
    if (status !== 200) throw failed(codeOf(status), `it answered ${status}`)
    return identityOf(objectOf(body))
  }
}

/** Anything else could be a service that only this process reaches. */
function agentOf(address: string): { readonly url: URL; readonly exempt: string } {
  const url = baseUrl(address)
  const exempt = agents.find((one) => url?.host === (one.includes(':') ? `[${one}]` : one))
  if (url?.protocol === 'http:' && exempt !== undefined) return { url, exempt }
  throw failed('auth-failed', `AWS_CONTAINER_CREDENTIALS_FULL_URI is not one of http://${agents.join(', ')}`)
}

function codeOf(status: number): ProviderErrorCode {
  if (status === 429) return 'throttled'
  return status >= 500 ? 'unavailable' : 'auth-failed'
}

type Answer = Readonly<Record<string, unknown>>

function objectOf(body: Uint8Array): Answer {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    return isJsonObject(value) ? value : {}
  } catch {
    // The parser's text quotes the answer, which holds credentials.
    return {}
  }
}

function identityOf({ AccessKeyId, SecretAccessKey, Token, Expiration }: Answer): Identity {
  const expiration = new Date(typeof Expiration === 'string' ? Expiration : Number.NaN)
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string' || Number.isNaN(expiration.getTime())) {
    throw failed('unavailable', 'there are no credentials in its answer')
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(typeof Token === 'string' && { sessionToken: Token }),
    expiration,
  }
}

function failed(code: ProviderErrorCode, text: string): ProviderError {
  return new ProviderError(code, `could not get credentials from the EKS Pod Identity Agent: ${text}`)
}

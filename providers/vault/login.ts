import { isJsonObject } from '../../machinery/json/member.ts'
import { ProviderError } from '../errors.ts'
import type { ConnectContext } from '../provider.ts'
import type { IssuedToken } from '../token-source.ts'
import { VaultRefusal, type VaultHttp } from './http.ts'
import { encoded } from './paths.ts'
import type { VaultSpec } from './spec.ts'

type Auth = NonNullable<VaultSpec['auth']>

interface LoginRequest {
  /** Names the method in errors. */
  readonly method: string
  readonly path: string
  readonly body: Readonly<Record<string, string>>
}

/** Logs in by the first method that is set, in ESO's order. */
export async function login(spec: VaultSpec, http: VaultHttp, context: ConnectContext): Promise<IssuedToken> {
  const request = await requestOf(spec.auth ?? {}, context)
  const namespace = spec.auth?.namespace ?? spec.namespace
  try {
    const answer = await http.write(request.path, request.body, { token: undefined, namespace, signal: context.signal })
    return issuedOf(answer)
  } catch (error) {
    if (error instanceof VaultRefusal) {
      const code = refusalCode(error.status)
      const text = code === 'auth-failed' ? `${error.place}: ${error.status} the login was refused` : error.message
      throw failed(request, code, text)
    }
    if (error instanceof ProviderError) throw failed(request, error.code, error.message)
    throw error
  }
}

async function requestOf(auth: Auth, { references }: ConnectContext): Promise<LoginRequest> {
  if (auth.appRole !== undefined) {
    const { path = 'approle', roleId, roleRef, secretRef } = auth.appRole
    const role = (roleId ?? '') === '' && roleRef !== undefined ? await references.secretKey(roleRef) : (roleId ?? '')
    const body = { role_id: role.trim(), secret_id: await references.secretKey(secretRef) }
    return { method: 'approle', path: encoded(['auth', path, 'login']), body }
  }
  if (auth.kubernetes !== undefined) {
    const { mountPath = 'kubernetes', role } = auth.kubernetes
    const jwt = await serviceAccountToken(auth.kubernetes, references)
    return { method: 'kubernetes', path: encoded(['auth', mountPath, 'login']), body: { role, jwt } }
  }
  if (auth.userPass !== undefined) {
    const { path = 'userpass', username, secretRef = {} } = auth.userPass
    const body = { password: await references.secretKey(secretRef) }
    return { method: 'userpass', path: encoded(['auth', path, 'login', username.trim()]), body }
  }
  throw new ProviderError('invalid-ref', 'cannot initialize Vault client: no valid auth method specified')
}

type KubernetesAuth = NonNullable<Auth['kubernetes']>

function serviceAccountToken(
  { serviceAccountRef, secretRef }: KubernetesAuth,
  references: ConnectContext['references'],
): Promise<string> {
  if (serviceAccountRef !== undefined) {
    return references.serviceAccountToken(serviceAccountRef, { audiences: [], expirationSeconds: 600 })
  }
  return references.secretKey({ key: 'token', ...secretRef })
}

function issuedOf(answer: string): IssuedToken {
  const auth = authOf(answer)
  if (typeof auth?.client_token !== 'string' || auth.client_token === '') {
    throw new ProviderError('unavailable', 'there is no token in the answer')
  }
  const seconds = typeof auth.lease_duration === 'number' ? auth.lease_duration : 0
  return { token: auth.client_token, ...(seconds > 0 && { lifeMs: seconds * 1000 }) }
}

function authOf(answer: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(answer)
    return isJsonObject(value) && isJsonObject(value.auth) ? value.auth : undefined
  } catch {
    // The parser's text quotes the answer, which may hold a token.
    return undefined
  }
}

function refusalCode(status: number): 'throttled' | 'unavailable' | 'auth-failed' {
  if (status === 429) return 'throttled'
  return status >= 500 ? 'unavailable' : 'auth-failed'
}

function failed({ method }: LoginRequest, code: ProviderError['code'], text: string): ProviderError {
  return new ProviderError(code, `unable to log in to auth method: unable to log in with ${method} auth: ${text}`)
}

import { isJsonObject } from '../../machinery/json/member.ts'
import { ProviderError } from '../errors.ts'
import type { ConnectContext } from '../provider.ts'
import type { IssuedToken } from '../token-source.ts'
import { VaultRefusal, type VaultHttp } from './http.ts'
import { iamLogin } from './iam-login.ts'
import { encoded } from './paths.ts'
import type { VaultSpec } from './spec.ts'

type Auth = NonNullable<VaultSpec['auth']>

/** How long a token that is requested for a login lives. */
const tokenSeconds = 600

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

async function requestOf(auth: Auth, context: ConnectContext): Promise<LoginRequest> {
  const { references } = context
  if (auth.appRole !== undefined) return withAppRole(auth.appRole, references)
  if (auth.kubernetes !== undefined) return withServiceAccount(auth.kubernetes, references)
  if (auth.ldap !== undefined) return withPassword('ldap', auth.ldap, references)
  if (auth.userPass !== undefined) return withPassword('userpass', auth.userPass, references)
  if (auth.jwt !== undefined) return withJwt(auth.jwt, references)
  if (auth.cert !== undefined) return withCertificate(auth.cert)
  if (auth.iam !== undefined) return withIam(auth.iam, context)
  throw new ProviderError('invalid-ref', 'cannot initialize Vault client: no valid auth method specified')
}

type References = ConnectContext['references']
type Method<K extends keyof Auth> = NonNullable<Auth[K]>

async function withAppRole(
  { path = 'approle', roleId, roleRef, secretRef }: Method<'appRole'>,
  references: References,
): Promise<LoginRequest> {
  const role = (roleId ?? '') === '' && roleRef !== undefined ? await references.secretKey(roleRef) : (roleId ?? '')
  const body = { role_id: role.trim(), secret_id: await references.secretKey(secretRef) }
  return { method: 'approle', path: encoded(['auth', path, 'login']), body }
}

async function withServiceAccount(method: Method<'kubernetes'>, references: References): Promise<LoginRequest> {
  const { mountPath = 'kubernetes', role } = method
  const jwt = await accountToken(method, references)
  return { method: 'kubernetes', path: encoded(['auth', mountPath, 'login']), body: { role, jwt } }
}

function accountToken({ serviceAccountRef, secretRef }: Method<'kubernetes'>, references: References): Promise<string> {
  if (serviceAccountRef !== undefined) {
    return references.serviceAccountToken(serviceAccountRef, { audiences: [], expirationSeconds: tokenSeconds })
  }
  if (secretRef !== undefined) return references.secretKey({ key: 'token', ...secretRef })
  return references.ambient().serviceAccountToken()
}

async function withPassword(
  method: 'ldap' | 'userpass',
  { path = method, username, secretRef = {} }: Method<'ldap' | 'userPass'>,
  references: References,
): Promise<LoginRequest> {
  const body = { password: await references.secretKey(secretRef) }
  return { method, path: encoded(['auth', path, 'login', username.trim()]), body }
}

async function withJwt(auth: Method<'jwt'>, references: References): Promise<LoginRequest> {
  const { path = 'jwt', role = '' } = auth
  const jwt = await jwtOf(auth, references)
  return { method: 'jwt', path: encoded(['auth', path, 'login']), body: { role: role.trim(), jwt: jwt.trim() } }
}

function jwtOf(
  { secretRef, kubernetesServiceAccountToken: requested }: Method<'jwt'>,
  references: References,
): Promise<string> {
  if (secretRef !== undefined || requested === undefined) return references.secretKey(secretRef ?? {})
  const { serviceAccountRef, audiences = ['vault'], expirationSeconds = tokenSeconds } = requested
  return references.serviceAccountToken(serviceAccountRef, { audiences, expirationSeconds })
}

/** The certificate is shown by the connection. */
function withCertificate({ path = 'cert', vaultRole = '' }: Method<'cert'>): LoginRequest {
  return {
    method: 'cert',
    path: encoded(['auth', path, 'login']),
    body: { ...(vaultRole !== '' && { name: vaultRole }) },
  }
}

async function withIam(iam: Method<'iam'>, context: ConnectContext): Promise<LoginRequest> {
  return { method: 'iam', path: encoded(['auth', iam.path || 'aws', 'login']), body: await iamLogin(iam, context) }
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

import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { ReviewedUser } from '../../machinery/review/reviewed-user.ts'
import { notFound } from '../../machinery/status-errors.ts'
import type { AccountTokenWish, IssuedToken, TokenFinding } from '../registry/kind.ts'
import type { Authenticator } from './authenticator.ts'
import { bearerToken } from './bearer-token.ts'

export interface AccountTokenOptions {
  /** A private key for ES256. */
  readonly key: KeyObject
  readonly clock: Clock
  readonly newId: () => string
  /** The UID of a ServiceAccount that lives; undefined when there is none. */
  readonly uidOf: (account: Account) => Promise<string | undefined>
}

interface Account {
  readonly namespace: string
  readonly name: string
}

/** Whom the tokens are from, and for when nobody else is named: as in a cluster, so that they look alike. */
const ownName = 'https://kubernetes.default.svc.cluster.local'

/**
 * Tokens of ServiceAccounts (RFC 7519, signed with ES256): of one account, told by its UID, for named audiences and a
 * time. Nothing is kept of them; a token ends with its account.
 */
export class AccountTokens {
  readonly #options: AccountTokenOptions
  readonly #publicKey: KeyObject

  constructor(options: AccountTokenOptions) {
    this.#options = options
    this.#publicKey = createPublicKey(options.key)
  }

  async issue({ namespace, name, audiences, expirationSeconds }: AccountTokenWish): Promise<IssuedToken> {
    const uid = await this.#options.uidOf({ namespace, name })
    if (uid === undefined) throw notFound({ group: '', resource: 'serviceaccounts' }, name)
    const iat = Math.floor(this.#options.clock.now() / 1000)
    const exp = iat + expirationSeconds
    const aud = audiences.length > 0 ? audiences : [ownName]
    const account = { namespace, serviceaccount: { name, uid } }
    const claims = { iss: ownName, sub: userName({ namespace, name }), aud, iat, nbf: iat, exp }
    const body = { ...claims, jti: this.#options.newId(), 'kubernetes.io': account }
    const signed = `${encoded({ alg: 'ES256', typ: 'JWT' })}.${encoded(body)}`
    const signature = sign('sha256', Buffer.from(signed), { key: this.#options.key, dsaEncoding: 'ieee-p1363' })
    return { token: `${signed}.${signature.toString('base64url')}`, audiences: aud, expiresAtMs: exp * 1000 }
  }

  /** With no audiences: whether it is for this server. */
  async review(token: string, audiences: readonly string[] = []): Promise<TokenFinding | undefined> {
    const claims = this.#claimsOf(token)
    if (claims === undefined || !this.#isCurrent(claims)) return undefined
    const wanted = audiences.length > 0 ? audiences : [ownName]
    const meant = wanted.filter((audience) => claims.audiences.includes(audience))
    if (meant.length === 0) return undefined
    const { namespace, name, uid } = claims
    if ((await this.#options.uidOf({ namespace, name })) !== uid) return undefined
    return { user: userOf(claims), audiences: meant }
  }

  /** Tokens that are not from here are for others to judge. */
  readonly authenticate: Authenticator = ({ header }) => {
    const token = bearerToken(header('authorization')[0])
    if (token === undefined || !isFromHere(token)) return undefined
    return this.review(token).then((found) => {
      if (found === undefined) return 'refused'
      const { username: name, ...user } = found.user
      return { name, ...user }
    })
  }

  /** Signed first: what is not is not looked at. */
  #claimsOf(token: string): Claims | undefined {
    const [head = '', body = '', signature = '', ...rest] = token.split('.')
    const { alg } = decoded(head)
    if (rest.length > 0 || alg !== 'ES256') return undefined
    const bytes = Buffer.from(signature, 'base64url')
    const key = { key: this.#publicKey, dsaEncoding: 'ieee-p1363' } as const
    return verify('sha256', Buffer.from(`${head}.${body}`), key, bytes) ? claimsIn(decoded(body)) : undefined
  }

  #isCurrent({ notBefore, expires }: Claims): boolean {
    const now = this.#options.clock.now() / 1000
    return notBefore <= now && now < expires
  }
}

interface Claims extends Account {
  readonly uid: string
  readonly id: string
  readonly audiences: readonly unknown[]
  readonly notBefore: number
  readonly expires: number
}

function claimsIn(body: Members): Claims | undefined {
  const { aud, nbf, exp, jti, 'kubernetes.io': own } = body
  const { namespace, serviceaccount } = isJsonObject(own) ? own : {}
  const { name, uid } = isJsonObject(serviceaccount) ? serviceaccount : {}
  if (typeof namespace !== 'string' || typeof name !== 'string' || typeof uid !== 'string') return undefined
  if (typeof nbf !== 'number' || typeof exp !== 'number' || !Array.isArray(aud)) return undefined
  return { namespace, name, uid, id: String(jti), audiences: aud, notBefore: nbf, expires: exp }
}

function userOf({ namespace, name, uid, id }: Claims): NonNullable<ReviewedUser> {
  return {
    username: userName({ namespace, name }),
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`] },
  }
}

function userName({ namespace, name }: Account): string {
  return `system:serviceaccount:${namespace}:${name}`
}

function isFromHere(token: string): boolean {
  const [, body = ''] = token.split('.')
  return decoded(body)['iss'] === ownName
}

type Members = Readonly<Record<string, unknown>>

function encoded(members: Members): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}

/** Of anything else than an object, nothing. */
function decoded(part: string): Members {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

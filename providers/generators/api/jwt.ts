import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { isJsonObject } from '../../../machinery/json/member.ts'
import { ProviderError } from '../../errors.ts'

interface Signing {
  readonly key: KeyObject
  readonly keyId?: string | undefined
}

/** RFC 7515, signed with RS256. */
export function signedJwt(claims: Readonly<Record<string, unknown>>, { key, keyId }: Signing): string {
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) }
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
}

/** PKCS#1 or PKCS#8. `field` says where the text came from. */
export function rsaKeyOf(pem: string, field: string): KeyObject {
  const key = privateKeyOf(pem)
  if (key?.asymmetricKeyType === 'rsa') return key
  throw new ProviderError('auth-failed', `${field}: there is no RSA private key in PEM in it`)
}

/** The claim `exp` as the original writes it: seconds since the epoch. The signature is the receiver's business. */
export function expiryOf(jwt: string): string {
  const claims = claimsOf(jwt)
  const expiry = isJsonObject(claims) ? claims['exp'] : undefined
  if (typeof expiry === 'number') return String(expiry)
  throw new ProviderError('unavailable', 'the token that was given has no exp claim')
}

function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

function claimsOf(jwt: string): unknown {
  const [, payload, , ...rest] = jwt.split('.')
  if (payload === undefined || rest.length > 0) return undefined
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString())
  } catch {
    return undefined
  }
}

import { X509Certificate } from 'node:crypto'
import { ProviderError } from './errors.ts'
import type { CaProvider, References } from './references.ts'

interface TrustSpec {
  /** Base64 of PEM; ESO takes base64 of base64 of PEM as well. */
  readonly caBundle?: string
  readonly caProvider?: CaProvider
}

/** The CA certificates a spec names, in PEM; `undefined` leaves the system's trust in place. */
export async function trustOf(
  { caBundle, caProvider }: TrustSpec,
  references: References,
): Promise<string | undefined> {
  if (caBundle !== undefined && caBundle !== '') return checked(pemOf(caBundle), 'caBundle')
  if (caProvider === undefined) return undefined
  return checked(pemOf(await references.caBundle(caProvider)), 'caProvider')
}

function pemOf(text: string): string {
  let pem = text
  for (let layer = 0; layer < 2 && !pem.includes('-----BEGIN'); layer += 1) pem = Buffer.from(pem, 'base64').toString()
  return pem
}

/** A bundle without a certificate would trust nobody and say only that the server is unknown. */
function checked(pem: string, field: string): string {
  try {
    new X509Certificate(pem)
    return pem
  } catch {
    throw new ProviderError('auth-failed', `${field}: there is no PEM certificate in it`)
  }
}

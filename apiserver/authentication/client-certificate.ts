import type { Clock } from '../../base/clock.ts'
import type { Authenticator } from './authenticator.ts'

/** The common name is the user, the organizations are its groups. */
export function clientCertificates(clock: Clock): Authenticator {
  return async ({ certificate }) => {
    if (certificate === undefined) return undefined
    const { isTrusted, commonName, organizations, notBeforeMs, notAfterMs, fingerprint } = certificate
    // A connection outlives the handshake that proved the certificate: its time is looked at on every request.
    const now = clock.now()
    if (!isTrusted || now < notBeforeMs || now > notAfterMs) return 'refused'
    if (commonName === '') return undefined
    const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] }
    return { name: commonName, groups: organizations, extra }
  }
}

import type { Clock } from '../../base/clock.ts'
import type { UserInfo } from '../request-context.ts'
import type { Authenticator, ClientCertificate } from './authenticator.ts'
import type { CertificatePool } from './certificate-pool.ts'

/** The common name is the user, the organizations are its groups. */
export function clientCertificates(clock: Clock, authorities: () => CertificatePool): Authenticator {
  const users = new WeakMap<ClientCertificate, UserInfo>()
  return ({ certificate }) => {
    if (certificate === undefined) return undefined
    // A connection outlives the handshake that proved the certificate: its time is looked at on every request.
    if (!authorities().vouchesFor(certificate, clock.now())) return 'refused'
    if (certificate.commonName === '') return undefined
    const user = users.get(certificate) ?? userOf(certificate)
    users.set(certificate, user)
    return user
  }
}

function userOf({ commonName, organizations, fingerprint }: ClientCertificate): UserInfo {
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] }
  return { name: commonName, groups: organizations, extra }
}

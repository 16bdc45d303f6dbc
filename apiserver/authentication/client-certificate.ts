import type { Clock } from '../../base/clock.ts'
import type { Metrics } from '../../base/metrics.ts'
import type { UserInfo } from '../request-context.ts'
import type { Authenticator, ClientCertificate } from './authenticator.ts'
import type { CertificatePool } from './certificate-pool.ts'

/** The common name is the user, the organizations are its groups. */
export function clientCertificates(
  { clock, metrics }: { readonly clock: Clock; readonly metrics: Metrics },
  authorities: () => CertificatePool,
): Authenticator {
  const users = new WeakMap<ClientCertificate, { readonly user: UserInfo; readonly endMs: number }>()
  const left = metrics.histogram(
    'apiserver_client_certificate_expiration_seconds',
    'How long client certificates go on to be valid, at each request.',
    expirationBounds,
  )
  const ends = left.of({})
  return ({ certificate }) => {
    if (certificate === undefined) return undefined
    // A connection outlives the handshake that proved the certificate: its time is looked at on every request.
    if (!authorities().vouchesFor(certificate, clock.now())) return 'refused'
    if (certificate.commonName === '') return undefined
    const known = users.get(certificate) ?? { user: userOf(certificate), endMs: endOf(certificate) }
    users.set(certificate, known)
    ends.observe((known.endMs - clock.now()) / 1000)
    return known.user
  }
}

const [minutes, hours, days] = [60, 3600, 86_400]

/** Of k8s.io/apiserver/pkg/authentication/request/x509, which alerts are written for. */
const expirationBounds = [
  ...[0, 30 * minutes, hours, 2 * hours, 6 * hours, 12 * hours],
  ...[1, 2, 4, 7, 30, 90, 180, 360].map((count) => count * days),
]

function endOf({ chain }: ClientCertificate): number {
  return Date.parse(chain[0]?.validTo ?? '')
}

function userOf({ commonName, organizations, fingerprint }: ClientCertificate): UserInfo {
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] }
  return { name: commonName, groups: organizations, extra }
}

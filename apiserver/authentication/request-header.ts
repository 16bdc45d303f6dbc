import type { Clock } from '../../base/clock.ts'
import type { Authenticator, Credentials } from './authenticator.ts'
import type { CertificatePool } from './certificate-pool.ts'
import { extraOf } from './extra-headers.ts'

/** The front proxy (kube-apiserver's aggregator): it has authenticated the client and names it in headers. */
export interface FrontProxy {
  readonly authorities: CertificatePool
  /** Common names; empty: any certificate of the authorities. */
  readonly allowedNames: readonly string[]
  /** Header names in lower case, in order of preference. */
  readonly userHeaders: readonly string[]
  readonly uidHeaders: readonly string[]
  readonly groupHeaders: readonly string[]
  readonly extraPrefixes: readonly string[]
}

/**
 * Believes the headers of nobody but the front proxy: its certificate comes from the front proxy's own authority and
 * bears an allowed name. Whoever else sends them is taken for what its other credentials say, or for anonymous
 * (k8s.io/apiserver/pkg/authentication/request/headerrequest).
 */
export function requestHeaders({ clock, proxy }: RequestHeaderOptions): Authenticator {
  return (credentials) => {
    const { certificate } = credentials
    if (certificate === undefined) return undefined
    const { authorities, allowedNames, userHeaders, uidHeaders, groupHeaders, extraPrefixes } = proxy()
    if (!authorities.vouchesFor(certificate, clock.now())) return undefined
    if (allowedNames.length > 0 && !allowedNames.includes(certificate.commonName)) return 'refused'
    const name = firstValue(credentials, userHeaders)
    if (name === undefined) return undefined
    const uid = firstValue(credentials, uidHeaders)
    const groups = groupHeaders.flatMap(credentials.header).filter((group) => group !== '')
    const extra = extraOf(credentials, extraPrefixes)
    return uid === undefined ? { name, groups, extra } : { name, uid, groups, extra }
  }
}

interface RequestHeaderOptions {
  readonly clock: Clock
  /** The one that is in force now. */
  readonly proxy: () => FrontProxy
}

function firstValue({ header }: Credentials, names: readonly string[]): string | undefined {
  return names.flatMap(header).find((value) => value !== '')
}

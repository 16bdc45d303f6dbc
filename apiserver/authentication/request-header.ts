import type { Clock } from '../../base/clock.ts'
import type { Authenticator } from './authenticator.ts'
import { type FrontProxy, RemoteUsers } from './front-proxy.ts'

/**
 * Believes the headers of nobody but the front proxy: its certificate comes from the front proxy's own authority and
 * bears an allowed name. Whoever else sends them is taken for what its other credentials say, or for anonymous
 * (k8s.io/apiserver/pkg/authentication/request/headerrequest).
 */
export function requestHeaders({ clock, proxy }: RequestHeaderOptions): Authenticator {
  let users: RemoteUsers | undefined
  return (credentials) => {
    const { certificate } = credentials
    if (certificate === undefined) return undefined
    const current = proxy()
    const { authorities, allowedNames } = current
    if (!authorities.vouchesFor(certificate, clock.now())) return undefined
    if (allowedNames.length > 0 && !allowedNames.includes(certificate.commonName)) return 'refused'
    if (users?.proxy !== current) users = new RemoteUsers(current)
    return users.userOf(credentials)
  }
}

interface RequestHeaderOptions {
  readonly clock: Clock
  /** The one that is in force now. */
  readonly proxy: () => FrontProxy
}

import type { Authenticator } from '../../apiserver/authentication/authenticator.ts'
import type { CertificatePool } from '../../apiserver/authentication/certificate-pool.ts'
import type { Authorizer, Decision } from '../../apiserver/authorization/authorizer.ts'
import type { UserInfo } from '../../apiserver/request-context.ts'
import type { Clock } from '../../base/clock.ts'

/**
 * The process that serves the API, as the other one sees it. It is told by being this very object, which its
 * certificate alone leads to: no token and no header can name it.
 */
const apiCaller: UserInfo = { name: 'external-secrets-apiserver', groups: ['system:authenticated'], extra: {} }

/** Who shows a certificate at all has to show that one. */
export function callerCertificate(clock: Clock, authority: () => CertificatePool): Authenticator {
  return ({ certificate }) => {
    if (certificate === undefined) return undefined
    const isCaller = certificate.commonName === apiCaller.name && authority().vouchesFor(certificate, clock.now())
    return isCaller ? apiCaller : 'refused'
  }
}

/** Verbs are the caller's alone, whatever others may elsewhere; who else is let in to what is no verb, others say. */
export function callerAlone(others: Authorizer): Authorizer {
  return (user, info) => {
    if (!info.isResourceRequest) return others(user, info)
    return user === apiCaller && info.verb === 'create' ? allow : refused
  }
}

const allow: Decision = { verdict: 'allow' }
const refused: Decision = { verdict: 'deny', reason: 'verbs are asked for at the API' }

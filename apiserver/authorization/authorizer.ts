import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

export type Decision =
  | { readonly verdict: 'allow' }
  /** No rule speaks for the request: the next authorizer is asked, and nobody's word is a refusal. */
  | { readonly verdict: 'no-opinion'; readonly reason?: string }
  | { readonly verdict: 'deny'; readonly reason?: string }

/** May they? The seam: RBAC, the host's SubjectAccessReview and the rules of standalone mode answer alike. */
export type Authorizer = (user: UserInfo, info: RequestInfo) => Promise<Decision>

export const mastersGroup = 'system:masters'

/** Members of system:masters may do everything. */
export const mastersMayEverything: Authorizer = async (user) =>
  user.groups.includes(mastersGroup) ? { verdict: 'allow' } : { verdict: 'no-opinion' }

/** What anybody may read: probes come without credentials. */
export function anybodyMayRead(paths: readonly string[]): Authorizer {
  return async (_user, info) =>
    !info.isResourceRequest && paths.includes(info.path) && (info.verb === 'get' || info.verb === 'head')
      ? { verdict: 'allow' }
      : { verdict: 'no-opinion' }
}

/** The first opinion counts; the reasons of those without one are joined. */
export function firstOpinion(authorizers: readonly Authorizer[]): Authorizer {
  return async (user, info) => {
    const reasons: string[] = []
    for (const authorize of authorizers) {
      const decision = await authorize(user, info)
      if (decision.verdict !== 'no-opinion') return decision
      if (decision.reason) reasons.push(decision.reason)
    }
    return { verdict: 'no-opinion', ...(reasons.length > 0 && { reason: reasons.join(', ') }) }
  }
}

import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

export type Decision =
  | { readonly verdict: 'allow' }
  /** No rule speaks for the request: the next authorizer is asked, and nobody's word is a refusal. */
  | { readonly verdict: 'no-opinion'; readonly reason?: string }
  | { readonly verdict: 'deny'; readonly reason?: string }

/** May they? The seam: RBAC, the host's SubjectAccessReview and the rules of standalone mode answer alike. */
export type Authorizer = (user: UserInfo, info: RequestInfo) => MaybePromise<Decision>

export const mastersGroup = 'system:masters'

/** Members of system:masters may do everything. */
export const mastersMayEverything: Authorizer = (user) => (user.groups.includes(mastersGroup) ? allow : noOpinion)

const allow: Decision = { verdict: 'allow' }
const noOpinion: Decision = { verdict: 'no-opinion' }

/** What anybody may read: probes come without credentials. */
export function anybodyMayRead(paths: readonly string[]): Authorizer {
  return (_user, info) =>
    !info.isResourceRequest && paths.includes(info.path) && (info.verb === 'get' || info.verb === 'head')
      ? allow
      : noOpinion
}

/** The first opinion counts; without any, the reason is the last one that was given. */
export function firstOpinion(authorizers: readonly Authorizer[]): Authorizer {
  return (user, info) => {
    const ask = (index: number, before: Decision): MaybePromise<Decision> => {
      const authorize = authorizers[index]
      if (authorize === undefined) return before
      const settle = (decision: Decision): MaybePromise<Decision> =>
        decision.verdict === 'no-opinion' ? ask(index + 1, decision.reason ? decision : before) : decision
      const decision = authorize(user, info)
      return decision instanceof Promise ? decision.then(settle) : settle(decision)
    }
    return ask(0, noOpinion)
  }
}

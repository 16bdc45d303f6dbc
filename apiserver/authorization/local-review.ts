import type { AccessReviewSpec, AccessReviewStatus } from '../../machinery/review/access-review.ts'
import type { RequestInfo } from '../request-info.ts'
import type { Authorizer } from './authorizer.ts'

/** Answers access reviews by this server's own authorizer. Selectors narrow nothing: no rule here speaks of them. */
export function localReview(authorize: Authorizer): (spec: AccessReviewSpec) => Promise<AccessReviewStatus> {
  return async (spec) => {
    const { user: name, uid, groups, extra = {} } = spec
    const user = { name, ...(uid !== undefined && { uid }), groups, extra }
    const decision = await authorize(user, requestOf(spec))
    const reason = decision.verdict === 'allow' ? '' : (decision.reason ?? '')
    return { allowed: decision.verdict === 'allow', denied: decision.verdict === 'deny', reason }
  }
}

function requestOf({ resourceAttributes, nonResourceAttributes }: AccessReviewSpec): RequestInfo {
  const none = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '', path: '', verb: '' }
  if (resourceAttributes === undefined) return { ...none, ...nonResourceAttributes, isResourceRequest: false }
  const { fieldSelector: _, labelSelector: __, ...attributes } = resourceAttributes
  return { ...none, ...attributes, isResourceRequest: true }
}

import type { AccessReviewSpec, AccessReviewStatus } from '../../machinery/review/access-review.ts'
import { review, type Reviewer } from './review-call.ts'

const kind = { path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', sort: 'authz' } as const

/** Asks the cluster's own authorizers; rejects when they cannot be asked. */
export function subjectAccessReview(reviewer: Reviewer): (spec: AccessReviewSpec) => Promise<AccessReviewStatus> {
  return async (spec) => {
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }
    const { allowed, denied, reason } = await review(reviewer, kind, body)
    return { allowed: allowed === true, denied: denied === true, reason: typeof reason === 'string' ? reason : '' }
  }
}

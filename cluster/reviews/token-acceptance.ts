import { ClusterError } from '../errors.ts'
import type { Reviewer } from './review-call.ts'
import { tokenReview } from './token-review.ts'

/**
 * Whether kube-apiserver itself accepts a token that was made for these audiences. Who refuses it has to know it for
 * those all the same: a server that has not learnt of a new signing key yet refuses everything, and says nothing.
 */
export function tokenAcceptance({ client, clock, random }: Reviewer) {
  const reviewer = { client, clock, random }
  return async (token: string, audiences: readonly string[]): Promise<boolean> => {
    if ((await tokenReview(reviewer)(token)) !== undefined) return true
    if ((await tokenReview(reviewer, audiences)(token)) !== undefined) return false
    throw new ClusterError('cluster-answer', 'tokenreviews: a token that was just made is not known')
  }
}

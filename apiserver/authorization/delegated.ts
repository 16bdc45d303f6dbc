import { AnswerCache } from '../../base/caches/answer-cache.ts'
import type { Clock } from '../../base/clock.ts'
import type { AccessReviewSpec, AccessReviewStatus } from '../../machinery/review/access-review.ts'
import { internalError } from '../../machinery/status-errors.ts'
import { accessReviewSpec } from './access-attributes.ts'
import type { Authorizer, Decision } from './authorizer.ts'

/**
 * Asks the cluster (SubjectAccessReview). Answers are kept for ten seconds, allowed and denied alike; when nobody can
 * tell, the request fails with 500: neither let through nor called forbidden.
 */
export function delegated({ review, clock }: DelegatedOptions): Authorizer {
  const answers = new AnswerCache<Decision>({ clock, lifetimeMs: 10_000, countMax: 8192 })
  return (user, info) => {
    const spec = accessReviewSpec(user, info)
    const key = JSON.stringify(spec)
    const ask = async (): Promise<Decision> => decisionOf(await reviewed(review, spec))
    return key.length < keyLengthMax ? answers.get(key, ask) : ask()
  }
}

interface DelegatedOptions {
  /** Rejects when nobody can tell. */
  readonly review: (spec: AccessReviewSpec) => Promise<AccessReviewStatus>
  readonly clock: Clock
}

/** Longer ones would let a client fill the memory with questions of its own. */
const keyLengthMax = 10_000

async function reviewed(review: DelegatedOptions['review'], spec: AccessReviewSpec): Promise<AccessReviewStatus> {
  try {
    return await review(spec)
  } catch {
    throw internalError('the cluster cannot be asked whether the request is allowed')
  }
}

/** Both at once is a contradiction, and no right. */
function decisionOf({ allowed, denied, reason }: AccessReviewStatus): Decision {
  if (denied) return { verdict: 'deny', reason }
  return allowed ? { verdict: 'allow' } : { verdict: 'no-opinion', reason }
}

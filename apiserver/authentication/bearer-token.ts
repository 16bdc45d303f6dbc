import { createHmac, randomBytes } from 'node:crypto'
import { AnswerCache } from '../../base/caches/answer-cache.ts'
import type { Clock } from '../../base/clock.ts'
import type { ReviewedUser } from '../../machinery/review/reviewed-user.ts'
import type { Authenticator, Identity } from './authenticator.ts'

/**
 * Bearer tokens that somebody else knows (TokenReview). Both answers are kept for ten seconds; a token that cannot be
 * reviewed is refused and asked for again. In memory are keyed hashes alone.
 */
export function reviewedTokens({ review, clock }: ReviewedTokenOptions): Authenticator {
  const answers = new AnswerCache<Answer>({ clock, lifetimeMs: 10_000, countMax: 8192 })
  const key = randomBytes(32)
  return ({ header }) => {
    const token = bearerToken(header('authorization')[0])
    if (token === undefined) return undefined
    const hash = createHmac('sha256', key).update(token).digest('base64')
    const found = answers.get(hash, async () => ({ identity: identityOf(await review(token)) }))
    return found instanceof Promise
      ? found.then(
          ({ identity }) => identity,
          () => 'refused' as const,
        )
      : found.identity
  }
}

interface ReviewedTokenOptions {
  /** Undefined: the token means nothing. Rejects when nobody can tell. */
  readonly review: (token: string) => Promise<ReviewedUser>
  readonly clock: Clock
}

interface Answer {
  readonly identity: Identity
}

function identityOf(user: ReviewedUser): Identity {
  if (user === undefined) return 'refused'
  const { username: name, uid, groups, extra } = user
  return { name, ...(uid !== undefined && { uid }), groups, extra }
}

export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1]
}

import type { Answerer } from '../../../apiserver/endpoints/review.ts'
import type {
  ExternalSecretUseReviewSpec,
  ExternalSecretUseReviewStatus,
} from '../../../kinds/peers/external-secret-use-review/kind.ts'
import type { UseRight } from '../../../syncer/stores/use-right.ts'
import type { AnsweringParts } from './answering-parts.ts'
import { answered } from './asked-object.ts'

/** An object that is gone is superseded, too: 404 would also be the answer of a server that knows no such question. */
export function useReview({ mayUse }: AnsweringParts): readonly [string, Answerer] {
  return [
    'ExternalSecretUseReview',
    async (asked, question) => {
      const { uid, generation } = asked['spec'] as ExternalSecretUseReviewSpec
      const { namespace, name } = question
      const right = await mayUse({ metadata: { namespace, name, uid, generation } })
      return answered(asked, question, statusOf(right))
    },
  ]
}

function statusOf(right: UseRight): ExternalSecretUseReviewStatus {
  switch (right.verdict) {
    case 'yes':
      return { verdict: 'Yes' }
    case 'superseded':
      return { verdict: 'Superseded' }
    case 'no':
      return { verdict: 'No', why: right.why }
  }
}

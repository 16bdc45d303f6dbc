import type { Answerer } from '../../../apiserver/endpoints/review.ts'
import type { AnsweringParts } from './answering-parts.ts'
import { externalSecretVerbs } from './external-secret-verbs.ts'
import { storeVerbs } from './store-verbs.ts'
import { useReview } from './use-review.ts'

/**
 * Binds the kinds of kinds/verbs/ to the syncer, and those of kinds/peers/ to what it asks: here it is found out what
 * is asked about, and whether they may.
 */
export function answerersOf(parts: AnsweringParts): ReadonlyMap<string, Answerer> {
  return new Map([...externalSecretVerbs(parts), ...storeVerbs(parts), useReview(parts)])
}

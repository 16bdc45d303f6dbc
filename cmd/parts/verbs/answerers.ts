import type { Answerer } from '../../../apiserver/endpoints/review.ts'
import type { AnsweringParts } from './answering-parts.ts'
import { externalSecretVerbs } from './external-secret-verbs.ts'
import { storeVerbs } from './store-verbs.ts'

/** Binds the kinds of kinds/verbs/ to the syncer: here it is found out what is asked about, and whether they may. */
export function answerersOf(parts: AnsweringParts): ReadonlyMap<string, Answerer> {
  return new Map([...externalSecretVerbs(parts), ...storeVerbs(parts)])
}

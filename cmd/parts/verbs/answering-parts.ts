import type { Authorizer } from '../../../apiserver/authorization/authorizer.ts'
import type { Registries } from '../../../apiserver/registry/registries.ts'
import type { Verbs } from '../../../syncer/verbs/verbs.ts'

export interface AnsweringParts {
  readonly registries: Registries
  readonly authorize: Authorizer
  readonly verbs: Verbs
}

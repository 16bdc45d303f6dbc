import type { Authorizer } from '../../../apiserver/authorization/authorizer.ts'
import type { Registries } from '../../../apiserver/registry/registries.ts'
import type { SyncerConfig } from '../../../syncer/syncer.ts'
import type { Verbs } from '../../../syncer/verbs/verbs.ts'

export interface AnsweringParts {
  readonly registries: Registries
  readonly authorize: Authorizer
  readonly verbs: AskedVerbs
  readonly mayUse: NonNullable<SyncerConfig['mayUse']>
}

/** The verbs of a syncer, in this process or in another one. */
export type AskedVerbs = Pick<Verbs, 'refresh' | 'preview' | 'testStore' | 'refreshStore'>

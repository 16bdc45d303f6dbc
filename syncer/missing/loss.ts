import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { Happening } from '../events.ts'
import type { Fetched } from '../fetch.ts'
import type { Refusal } from '../plan/ownership.ts'
import { deleted, type PassResult, retained } from '../status.ts'
import { creatorOf } from '../target/marks.ts'
import { deletionPolicyOf, isOwnerPolicy, targetNameOf } from '../target/policy.ts'
import type { Removal } from '../target/removal.ts'
import type { TargetFacts } from '../target/target-facts.ts'
import type { Words } from '../target/words.ts'
import { brakeRefusal, type Missing } from './missing.ts'

interface LossOptions {
  readonly object: ExternalSecret
  readonly missing: Missing
  readonly words: Words
  /** Of how many ExternalSecrets this is one. */
  readonly total: () => number
  readonly tell: (type: Happening['type'], reason: string, message: string) => void
}

/** What became of a target for which nothing at all was fetched. */
type Emptied =
  | { readonly result: PassResult; readonly hasWritten: boolean }
  | { readonly refusal: Refusal; readonly isRetried: boolean }

/** Stands for a find without a match, and for a secret without a key. */
const nothingFound = 'nothing found'

/** What one pass lacks of what its ExternalSecret asks for, and what follows from that (eso-behaviour.md 1.7). */
export class Loss {
  readonly #options: LossOptions

  constructor(options: LossOptions) {
    this.#options = options
  }

  /** Whether something goes because it is missing, and not because somebody changed what is wanted. */
  isIn({ values, missing }: Fetched): boolean {
    return missing.length > 0 || (values.size === 0 && deletionPolicyOf(this.#options.object) !== 'Retain')
  }

  /** How long what is missing has to stay so before it takes something away; not at all where there is nothing yet. */
  waitMs(fetched: Fetched, facts: TargetFacts | undefined): number {
    const { missing, tell } = this.#options
    if (!this.isIn(fetched)) {
      missing.forget(this.#uid)
      return 0
    }
    const entries = fetched.missing.length > 0 ? fetched.missing : [nothingFound]
    for (const entry of missing.see(this.#uid, entries)) {
      if (entry === nothingFound) continue
      tell('Normal', 'MissingProviderSecret', `secret does not exist at provider using ${entry}`)
    }
    return facts === undefined ? 0 : missing.waitMs(this.#uid)
  }

  mayRemove(): boolean {
    return this.#options.missing.mayRemove(this.#uid, this.#options.total())
  }

  async emptied(facts: TargetFacts | undefined, removal: Removal): Promise<Emptied> {
    const { object, words } = this.#options
    const refused = (detail: string) => ({ refusal: { message: words.undeletable, detail }, isRetried: false })
    if (deletionPolicyOf(object) === 'Retain') return { result: retained, hasWritten: false }
    const name = targetNameOf(object)
    if (!isOwnerPolicy(object)) return refused('deletionPolicy=Delete needs creationPolicy=Owner')
    if (facts === undefined) return { result: deleted, hasWritten: false }
    if (!this.#isMadeByUs(facts)) return refused(`${words.named(name)} is not owned by this ExternalSecret`)
    if (!this.mayRemove()) return { refusal: brakeRefusal, isRetried: true }
    if (await removal.remove(name, deleted.message)) return { result: deleted, hasWritten: true }
    return { ...refused(`could not delete ${words.named(name)}`), isRetried: true }
  }

  get #uid(): string {
    return this.#options.object.metadata.uid ?? ''
  }

  #isMadeByUs({ controllerUid, creator }: TargetFacts): boolean {
    const { name = '', namespace = '' } = this.#options.object.metadata
    return controllerUid === this.#uid || creator === creatorOf(namespace, name)
  }
}

import { Groups } from '../../base/groups.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import { compareResourceVersions } from '../../machinery/resource-version.ts'
import { hashOfData } from '../hash.ts'
import { createdByLabel, dataHashAnnotation, managedLabel } from './marks.ts'
import { dataOf } from './secret-data.ts'

/** What is kept of a managed Secret: enough to see that somebody changed it, and none of its values. */
export interface TargetFacts {
  readonly uid: string
  readonly resourceVersion: string
  /** Whether its data is what the annotation says. */
  readonly isIntact: boolean
  readonly controllerUid: string | undefined
  /** The label that says which ExternalSecret made it. */
  readonly creator: string | undefined
}

/** The managed Secrets of one namespace, as far as they are known. */
export class KnownTargets {
  readonly #facts = new Map<string, TargetFacts>()
  readonly #namesByCreator = new Groups()

  get(name: string): TargetFacts | undefined {
    return this.#facts.get(name)
  }

  madeBy(creator: string): readonly string[] {
    return this.#namesByCreator.members(creator)
  }

  names(): Iterable<string> {
    return this.#facts.keys()
  }

  set(secret: Secret): void {
    const name = secret.metadata.name ?? ''
    this.forget(name)
    const facts = factsOf(secret)
    this.#facts.set(name, facts)
    if (facts.creator !== undefined) this.#namesByCreator.add(facts.creator, name)
  }

  /**
   * Takes over what a call answered, unless something newer is known: answers overtake each other. A Secret that lost
   * its label is not managed any more, just as a watch by that label would have it.
   */
  learn(secret: Secret): void {
    const { name = '', uid, resourceVersion = '', labels } = secret.metadata
    const known = this.#facts.get(name)
    const isOlder = known?.uid === uid && compareResourceVersions(resourceVersion, known?.resourceVersion ?? '') < 0
    if (isOlder) return
    if (labels?.[managedLabel] === 'true') this.set(secret)
    else this.forget(name)
  }

  forget(name: string): void {
    this.#namesByCreator.remove(this.#facts.get(name)?.creator ?? '', name)
    this.#facts.delete(name)
  }
}

function factsOf(secret: Secret): TargetFacts {
  const { uid = '', resourceVersion = '', labels = {}, annotations = {}, ownerReferences = [] } = secret.metadata
  return {
    uid,
    resourceVersion,
    isIntact: annotations[dataHashAnnotation] === hashOfData(dataOf(secret)),
    controllerUid: ownerReferences.find((owner) => owner.controller === true)?.uid,
    creator: labels[createdByLabel],
  }
}

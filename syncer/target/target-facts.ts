import { Groups } from '../../base/groups.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { compareResourceVersions } from '../../machinery/resource-version.ts'
import { createdByLabel, dataHashAnnotation, managedLabel } from './marks.ts'

/** What is kept of a managed object: enough to see that somebody changed it, and none of its values. */
export interface TargetFacts {
  readonly uid: string
  readonly resourceVersion: string
  /** Whether it holds what the annotation says, or what our own last write made of it. */
  readonly isIntact: boolean
  readonly controllerUid: string | undefined
  /** The label that says which ExternalSecret made it. */
  readonly creator: string | undefined
}

/** Of what a target holds. */
export type ContentHash = (object: KubeObject) => string

/** The managed objects of one kind and namespace, as far as they are known. */
export class KnownTargets {
  readonly #hashOf: ContentHash
  readonly #facts = new Map<string, TargetFacts>()
  readonly #namesByCreator = new Groups()
  /** What stood there after our own last write, where the server had filled in what was not written. */
  readonly #settled = new Map<string, string>()

  constructor(hashOf: ContentHash) {
    this.#hashOf = hashOf
  }

  get(name: string): TargetFacts | undefined {
    return this.#facts.get(name)
  }

  madeBy(creator: string): readonly string[] {
    return this.#namesByCreator.members(creator)
  }

  names(): Iterable<string> {
    return this.#facts.keys()
  }

  set(object: KubeObject): void {
    const name = object.metadata.name ?? ''
    this.#drop(name)
    const facts = this.#factsOf(object)
    this.#facts.set(name, facts)
    if (facts.creator !== undefined) this.#namesByCreator.add(facts.creator, name)
  }

  /** What a write of ours answered: what the server made of it is no drift. */
  settle(object: KubeObject): void {
    const { name = '', annotations = {}, resourceVersion } = object.metadata
    const hash = this.#hashOf(object)
    if (annotations[dataHashAnnotation] === hash) this.#settled.delete(name)
    else this.#settled.set(name, hash)
    if (this.#facts.get(name)?.resourceVersion === resourceVersion) this.set(object)
  }

  /**
   * Takes over what a call answered, unless something newer is known: answers overtake each other. An object that lost
   * its label is not managed any more, just as a watch by that label would have it.
   */
  learn(object: KubeObject): void {
    const { name = '', uid, resourceVersion = '', labels } = object.metadata
    const known = this.#facts.get(name)
    const isOlder = known?.uid === uid && compareResourceVersions(resourceVersion, known?.resourceVersion ?? '') < 0
    if (isOlder) return
    if (labels?.[managedLabel] === 'true') this.set(object)
    else this.forget(name)
  }

  forget(name: string): void {
    this.#drop(name)
    this.#settled.delete(name)
  }

  #drop(name: string): void {
    this.#namesByCreator.remove(this.#facts.get(name)?.creator ?? '', name)
    this.#facts.delete(name)
  }

  #factsOf(object: KubeObject): TargetFacts {
    const { name = '', uid = '', resourceVersion = '' } = object.metadata
    const { labels = {}, annotations = {}, ownerReferences = [] } = object.metadata
    const hash = this.#hashOf(object)
    return {
      uid,
      resourceVersion,
      isIntact: annotations[dataHashAnnotation] === hash || this.#settled.get(name) === hash,
      controllerUid: ownerReferences.find((owner) => owner.controller === true)?.uid,
      creator: labels[createdByLabel],
    }
  }
}

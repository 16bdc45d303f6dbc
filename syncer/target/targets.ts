import type { Clock } from '../../base/clock.ts'
import { Gate } from '../../base/gate.ts'
import { Groups } from '../../base/groups.ts'
import type { Logger } from '../../base/log.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import { hashOfData } from '../hash.ts'
import { createdByLabel, dataHashAnnotation, managedSelector } from './marks.ts'
import { isOwnerPolicy } from '../plan.ts'
import { dataOf } from './secret-data.ts'
import { follow } from '../known/watching.ts'

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

/** Whether the target needs no repair (eso-behaviour.md 1.5; a lost owner reference is drift, too). */
export function isTargetValid(externalSecret: ExternalSecret, facts: TargetFacts | undefined): boolean {
  if (externalSecret.spec.target?.creationPolicy === 'Orphan') return true
  if (facts === undefined || !facts.isIntact) return false
  return !isOwnerPolicy(externalSecret) || facts.controllerUid === externalSecret.metadata.uid
}

interface TargetsOptions {
  readonly secrets: ResourceClient<Secret>
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** A Secret of a namespace whose state is known has changed or gone. */
  readonly changed: (namespace: string, name: string) => void
}

interface Watched {
  readonly end: AbortController
  readonly facts: Map<string, TargetFacts>
  readonly namesByCreator: Groups
  readonly synced: Gate
}

/** The managed Secrets of the namespaces that have an ExternalSecret: one watch each, never one over all. */
export class Targets {
  readonly #options: TargetsOptions
  readonly #namespaces = new Map<string, Watched>()

  constructor(options: TargetsOptions) {
    this.#options = options
  }

  /** Begins to watch the namespace; resolves when its state is known. */
  watch(namespace: string): Promise<void> {
    const known = this.#namespaces.get(namespace)
    if (known !== undefined) return known.synced.opened
    const watched: Watched = {
      end: new AbortController(),
      facts: new Map(),
      namesByCreator: new Groups(),
      synced: new Gate(),
    }
    this.#namespaces.set(namespace, watched)
    void this.#follow(namespace, watched)
    return watched.synced.opened
  }

  isKnown(namespace: string): boolean {
    return this.#namespaces.get(namespace)?.synced.isOpen ?? false
  }

  end(namespace: string): void {
    this.#namespaces.get(namespace)?.end.abort()
    this.#namespaces.delete(namespace)
  }

  get(namespace: string, name: string): TargetFacts | undefined {
    return this.#namespaces.get(namespace)?.facts.get(name)
  }

  /** The Secrets that bear the mark of that creator. */
  madeBy(namespace: string, creator: string): readonly string[] {
    return this.#namespaces.get(namespace)?.namesByCreator.members(creator) ?? []
  }

  #follow(namespace: string, watched: Watched): Promise<void> {
    const { secrets: client, changed, clock, log } = this.#options
    const signal = AbortSignal.any([this.#options.signal, watched.end.signal])
    const scope = { namespace, labelSelector: managedSelector }
    return follow({ what: `secrets of ${namespace}`, client, scope, clock, log, signal }, (notice) => {
      if (notice.type === 'synced') return watched.synced.open()
      const name = notice.object.metadata.name ?? ''
      forget(watched, name)
      if (notice.type === 'set') remember(watched, name, factsOf(notice.object))
      if (watched.synced.isOpen) changed(namespace, name)
    })
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

function remember({ facts, namesByCreator }: Watched, name: string, known: TargetFacts): void {
  facts.set(name, known)
  if (known.creator !== undefined) namesByCreator.add(known.creator, name)
}

function forget({ facts, namesByCreator }: Watched, name: string): void {
  namesByCreator.remove(facts.get(name)?.creator ?? '', name)
  facts.delete(name)
}

import type { Clock } from '../../base/clock.ts'
import { Gate } from '../../base/waiting/gate.ts'
import type { Logger } from '../../base/log.ts'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { ObjectName, ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { follow } from '../known/watching.ts'
import { managedSelector } from './marks.ts'
import { creationPolicyOf, isOwnerPolicy } from './policy.ts'
import { type ContentHash, KnownTargets, type TargetFacts } from './target-facts.ts'

/** Whether the target needs no repair (eso-behaviour.md 1.5; a lost owner reference is drift, too). */
export function isTargetValid(externalSecret: ExternalSecret, facts: TargetFacts | undefined): boolean {
  if (['Orphan', 'None'].includes(creationPolicyOf(externalSecret))) return true
  if (facts === undefined || !facts.isIntact) return false
  return !isOwnerPolicy(externalSecret) || facts.controllerUid === externalSecret.metadata.uid
}

interface TargetsOptions {
  /** For the log. */
  readonly what: string
  readonly client: ResourceClient<KubeObject>
  /** Reads the metadata of one object and nothing else of it. */
  readonly readMetadata: (at: ObjectName) => Promise<KubeObject>
  /**
   * May they be listed and watched in that namespace? A token that may, may read all of them: where it is not granted,
   * each target is read by its name. Never rejects.
   */
  readonly mayWatch: (namespace: string) => Promise<boolean>
  readonly hashOf: ContentHash
  /** Whether the server may fill in what was not written. */
  readonly isDefaulted: boolean
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** One of a namespace whose state is known has changed or gone. */
  readonly changed: (namespace: string, name: string) => void
}

/** `end` is there while the namespace is watched; without it, its targets are known from named reads and own writes. */
interface Followed {
  readonly known: KnownTargets
  readonly ready: Gate
  end: AbortController | undefined
}

/**
 * The managed objects of one kind, in the namespaces that have an ExternalSecret: by one watch each, never one over
 * all, or by name.
 */
export class Targets {
  readonly #options: TargetsOptions
  readonly #namespaces = new Map<string, Followed>()

  constructor(options: TargetsOptions) {
    this.#options = options
  }

  /** Begins to follow the namespace; resolves when its targets may be asked for. */
  watch(namespace: string): Promise<void> {
    const known = this.#namespaces.get(namespace)
    if (known !== undefined) return known.ready.opened
    const followed: Followed = { known: new KnownTargets(this.#options.hashOf), ready: new Gate(), end: undefined }
    this.#namespaces.set(namespace, followed)
    void this.#choose(namespace, followed)
    return followed.ready.opened
  }

  isKnown(namespace: string): boolean {
    return this.#namespaces.get(namespace)?.ready.isOpen ?? false
  }

  isWatched(namespace: string): boolean {
    return this.#namespaces.get(namespace)?.end !== undefined
  }

  end(namespace: string): void {
    this.#namespaces.get(namespace)?.end?.abort()
    this.#namespaces.delete(namespace)
  }

  get(namespace: string, name: string): TargetFacts | undefined {
    return this.#namespaces.get(namespace)?.known.get(name)
  }

  /** Those that bear the mark of that creator. */
  madeBy(namespace: string, creator: string): readonly string[] {
    return this.#namespaces.get(namespace)?.known.madeBy(creator) ?? []
  }

  /**
   * Reads one target where no watch tells of it: its metadata first, all of it only when it has moved on. Answers
   * whether it has. Rejects as the client does, NotFound aside.
   */
  async look(namespace: string, name: string): Promise<boolean> {
    const known = this.#named(namespace)
    if (known === undefined) return false
    const before = known.get(name)
    try {
      if (before !== undefined) {
        const { metadata } = await this.#options.readMetadata({ namespace, name })
        if (metadata.uid === before.uid && metadata.resourceVersion === before.resourceVersion) return false
      }
      known.learn(await this.#options.client.get({ namespace, name }))
    } catch (error) {
      if (!isStatusReason(error, 'NotFound')) throw error
      // Whoever made one anew meanwhile knows better.
      if (known.get(name) === before) known.forget(name)
    }
    return known.get(name) !== before
  }

  /** What a call answered. */
  learn(object: KubeObject): void {
    this.#named(object.metadata.namespace ?? '')?.learn(object)
  }

  /** What a write of ours answered. */
  wrote(object: KubeObject): void {
    this.learn(object)
    if (this.#options.isDefaulted) this.#namespaces.get(object.metadata.namespace ?? '')?.known.settle(object)
  }

  /** One that is gone, or nobody's target any more. */
  forget(namespace: string, name: string): void {
    this.#named(namespace)?.forget(name)
  }

  /** Asks again where they may be watched: rights come and go. */
  async review(): Promise<void> {
    for (const [namespace, followed] of [...this.#namespaces]) {
      if (followed.ready.isOpen) await this.#choose(namespace, followed)
    }
  }

  #named(namespace: string): KnownTargets | undefined {
    const followed = this.#namespaces.get(namespace)
    return followed?.end === undefined ? followed?.known : undefined
  }

  async #choose(namespace: string, followed: Followed): Promise<void> {
    const mayWatch = await this.#options.mayWatch(namespace)
    if (this.#namespaces.get(namespace) !== followed || mayWatch === (followed.end !== undefined)) {
      return followed.ready.open()
    }
    if (!mayWatch) {
      followed.end?.abort()
      followed.end = undefined
      return followed.ready.open()
    }
    followed.end = new AbortController()
    void this.#follow(namespace, followed, followed.end.signal)
  }

  #follow(namespace: string, { known, ready }: Followed, ended: AbortSignal): Promise<void> {
    const { what, client, changed, clock, log } = this.#options
    const signal = AbortSignal.any([this.#options.signal, ended])
    const scope = { namespace, labelSelector: managedSelector }
    const gone = new Set(known.names())
    const tell = (name: string): void => {
      if (ready.isOpen) changed(namespace, name)
    }
    return follow({ what: `${what} of ${namespace}`, client, scope, clock, log, signal }, (notice) => {
      if (notice.type === 'synced') {
        for (const name of gone) known.forget(name)
        for (const name of gone) tell(name)
        gone.clear()
        return ready.open()
      }
      const { name = '' } = notice.object.metadata
      gone.delete(name)
      if (notice.type === 'set') known.set(notice.object)
      else known.forget(name)
      tell(name)
    })
  }
}

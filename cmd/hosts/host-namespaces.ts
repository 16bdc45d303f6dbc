import type { NamespaceState } from '../../apiserver/admission/namespace-lifecycle.ts'
import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { isStatusReason } from '../../machinery/status.ts'

/**
 * The namespaces of the cluster, followed. One that is known to be active is believed; of any other the cluster is
 * asked itself, since a client that has just made a namespace goes on to fill it (NamespaceLifecycle's live lookup).
 */
export class HostNamespaces {
  readonly #client: ResourceClient<KubeObject>
  readonly #active = new Map<string, KubeObject>()

  constructor(client: ResourceClient<KubeObject>) {
    this.#client = client
  }

  async run(signal: AbortSignal): Promise<void> {
    for await (const notices of this.#client.watch({}, signal)) {
      for (const notice of notices) {
        if (notice.type === 'synced') continue
        const { name = '', deletionTimestamp } = notice.object.metadata
        if (notice.type === 'set' && deletionTimestamp === undefined) this.#active.set(name, notice.object)
        else this.#active.delete(name)
      }
    }
  }

  /** As it was last heard of, or is now; rejects with NotFound. */
  async objectOf(name: string): Promise<KubeObject> {
    return this.#active.get(name) ?? this.#client.get({ name })
  }

  /** `onActive` is told which one it is, before the answer. */
  stateOf(name: string, onActive: (uid: string) => MaybePromise<void>): MaybePromise<NamespaceState> {
    const known = this.#active.get(name)
    if (known === undefined) return this.#liveStateOf(name, onActive)
    const told = onActive(known.metadata.uid ?? '')
    return told instanceof Promise ? told.then(() => 'active') : 'active'
  }

  async #liveStateOf(name: string, onActive: (uid: string) => MaybePromise<void>): Promise<NamespaceState> {
    try {
      const { metadata } = await this.#client.get({ name })
      if (metadata.deletionTimestamp !== undefined) return 'terminating'
      await onActive(metadata.uid ?? '')
      return 'active'
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return undefined
      throw error
    }
  }
}

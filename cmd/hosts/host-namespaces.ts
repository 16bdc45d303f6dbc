import type { NamespaceState } from '../../apiserver/admission/namespace-lifecycle.ts'
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

  async stateOf(name: string): Promise<NamespaceState> {
    if (this.#active.has(name)) return 'active'
    try {
      const { metadata } = await this.#client.get({ name })
      return metadata.deletionTimestamp === undefined ? 'active' : 'terminating'
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return undefined
      throw error
    }
  }
}

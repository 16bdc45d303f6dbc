import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { creatorOf } from './marks.ts'
import { targetNameOf } from './policy.ts'
import type { Targets } from './targets.ts'

interface RemovalOptions {
  readonly object: ExternalSecret
  readonly client: ResourceClient<Secret>
  readonly targets: Targets
  /** Told of each Secret that went. */
  readonly removed: (message: string) => void
}

/** Takes away what one ExternalSecret has made. Answers whether the cluster let it. */
export class Removal {
  readonly #options: RemovalOptions

  constructor(options: RemovalOptions) {
    this.#options = options
  }

  /** Secrets that it made under another target name. */
  async removeOrphans(): Promise<boolean> {
    const { object, targets } = this.#options
    const { name = '' } = object.metadata
    for (const made of targets.madeBy(this.#namespace, creatorOf(this.#namespace, name))) {
      if (made === targetNameOf(object)) continue
      if (!(await this.remove(made, 'secret deleted because it was orphaned'))) return false
    }
    return true
  }

  /** The Secret that is known under that name, and no other; one that is gone or another is left alone. */
  async remove(name: string, message: string): Promise<boolean> {
    const { client, removed, targets } = this.#options
    const uid = targets.get(this.#namespace, name)?.uid
    try {
      await client.delete({ namespace: this.#namespace, name }, uid === undefined ? {} : { uid })
      removed(message)
    } catch (error) {
      return isStatusReason(error, 'NotFound') || isStatusReason(error, 'Conflict')
    }
    return true
  }

  get #namespace(): string {
    return this.#options.object.metadata.namespace ?? ''
  }
}

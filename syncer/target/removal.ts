import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { creatorOf } from './marks.ts'
import { targetNameOf } from './policy.ts'
import type { TargetKind } from './target-kind.ts'

interface RemovalOptions {
  readonly object: ExternalSecret
  readonly target: TargetKind
  /** Told of each object that went. */
  readonly removed: (message: string) => void
}

/** Takes away what one ExternalSecret has made. Answers whether the cluster let it. */
export class Removal {
  readonly #options: RemovalOptions

  constructor(options: RemovalOptions) {
    this.#options = options
  }

  /** What it made of the same kind under another target name. `creator`: its mark, where that is at hand. */
  async removeOrphans(creator?: string): Promise<boolean> {
    const { object, target } = this.#options
    const mark = creator ?? creatorOf(this.#namespace, object.metadata.name ?? '')
    for (const made of target.targets.madeBy(this.#namespace, mark)) {
      if (made === targetNameOf(object)) continue
      if (!(await this.remove(made, 'secret deleted because it was orphaned'))) return false
    }
    return true
  }

  /** The object that is known under that name, and no other; one that is gone or another is left alone. */
  async remove(name: string, message: string): Promise<boolean> {
    const { removed, target } = this.#options
    const uid = target.targets.get(this.#namespace, name)?.uid
    try {
      await target.client.delete({ namespace: this.#namespace, name }, uid === undefined ? {} : { uid })
      removed(target.words.deleted(message, name))
    } catch (error) {
      return isStatusReason(error, 'NotFound') || isStatusReason(error, 'Conflict')
    }
    return true
  }

  get #namespace(): string {
    return this.#options.object.metadata.namespace ?? ''
  }
}

import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { ObjectMeta } from '../../machinery/object.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { createdByLabel, creatorOf } from './marks.ts'
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

  /** The object that is known under that name, and no other; one that is gone or somebody else's is left alone. */
  async remove(name: string, message: string): Promise<boolean> {
    const { removed, target } = this.#options
    try {
      if (await this.#isRemoved(name)) removed(target.words.deleted(message, name))
    } catch (error) {
      return isStatusReason(error, 'NotFound')
    }
    return true
  }

  /** As it was when that was decided: one that has changed since is looked at, and goes only while it is still ours. */
  async #isRemoved(name: string): Promise<boolean> {
    const { client, targets } = this.#options.target
    const at = { namespace: this.#namespace, name }
    const known = targets.get(this.#namespace, name)
    if (known === undefined) return false
    try {
      await client.delete(at, { uid: known.uid, resourceVersion: known.resourceVersion })
      return true
    } catch (error) {
      if (!isStatusReason(error, 'Conflict')) throw error
    }
    const { metadata } = await client.get(at)
    const { uid = '', resourceVersion = '' } = metadata
    if (uid !== known.uid || !this.#isOurs(metadata)) return false
    await client.delete(at, { uid, resourceVersion })
    return true
  }

  #isOurs({ labels, ownerReferences = [] }: ObjectMeta): boolean {
    const { name = '', uid } = this.#options.object.metadata
    const isOwned = ownerReferences.some((owner) => owner.controller === true && owner.uid === uid)
    return isOwned || labels?.[createdByLabel] === creatorOf(this.#namespace, name)
  }

  get #namespace(): string {
    return this.#options.object.metadata.namespace ?? ''
  }
}

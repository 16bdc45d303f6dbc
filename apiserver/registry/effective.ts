import type { KubeObject } from '../../machinery/object.ts'
import { withDefaults } from '../../machinery/schema/default.ts'
import type { KindDeclaration } from './kind.ts'
import type { Stored } from './stored.ts'

/** Objects of the storage version with their defaults filled in: what columns, selectors and validation look at. */
export class EffectiveObjects {
  readonly #kind: KindDeclaration
  /** By the decoded object, which is kept for a while only. */
  readonly #known = new WeakMap<KubeObject, KubeObject>()

  constructor(kind: KindDeclaration) {
    this.#kind = kind
  }

  of({ object }: Stored): KubeObject {
    const known = this.#known.get(object)
    if (known !== undefined) return known
    const schema = this.#kind.versions[this.#kind.storageVersion]?.schema
    const effective = schema === undefined ? object : withDefaults(schema, object)
    this.#known.set(object, effective)
    return effective
  }
}

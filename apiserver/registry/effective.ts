import type { KubeObject } from '../../machinery/object.ts'
import { withDefaults } from '../../machinery/schema/default.ts'
import type { KindDeclaration } from './kind.ts'
import type { Stored } from './stored.ts'

/** Objects of the storage version with their defaults filled in: what columns, selectors and validation look at. */
export class EffectiveObjects {
  readonly #kind: KindDeclaration
  readonly #known = new WeakMap<Stored, KubeObject>()

  constructor(kind: KindDeclaration) {
    this.#kind = kind
  }

  of(stored: Stored): KubeObject {
    const known = this.#known.get(stored)
    if (known !== undefined) return known
    const schema = this.#kind.versions[this.#kind.storageVersion]?.schema
    const effective = schema === undefined ? stored.object : withDefaults(schema, stored.object)
    this.#known.set(stored, effective)
    return effective
  }
}

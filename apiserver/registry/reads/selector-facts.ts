import { effectiveObject } from '../effective-object.ts'
import type { KindDeclaration } from '../kind.ts'
import type { Stored } from '../stored.ts'

interface Facts {
  readonly labels: Readonly<Record<string, string>> | undefined
  /** In the order of the kind's selectable fields. */
  readonly fields: readonly string[]
}

/** What selectors ask of an object. It is remembered: stored objects lie there as bytes, and to look is to parse. */
export class SelectorFacts {
  readonly #kind: KindDeclaration
  readonly #known = new WeakMap<Stored, Facts>()

  constructor(kind: KindDeclaration) {
    this.#kind = kind
  }

  of(stored: Stored): Facts {
    const known = this.#known.get(stored)
    if (known !== undefined) return known
    const effective = effectiveObject(this.#kind, stored)
    const fields = (this.#kind.selectableFields ?? []).map(({ value }) => value(effective))
    const facts = { labels: effective.metadata.labels, fields }
    this.#known.set(stored, facts)
    return facts
  }
}

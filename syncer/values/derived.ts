/**
 * What follows from one thing alone, worked out once for all who ask, by a name for what is asked. It goes when the
 * thing does, which nobody may change.
 */
export class Derived<V> {
  readonly #known = new WeakMap<object, Map<string, V>>()

  of(from: object, name: string, derive: () => V): V {
    const known = this.#known.get(from)
    const before = known?.get(name)
    if (before !== undefined) return before
    const derived = derive()
    if (known === undefined) this.#known.set(from, new Map([[name, derived]]))
    else known.set(name, derived)
    return derived
  }
}

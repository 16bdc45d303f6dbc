import { type ChildSet, emptySet, type FieldSet } from './field-set.ts'
import { compareElements, type PathElement } from './path-element.ts'

/** Collects one level of a FieldSet in any order. Each element is given at most once as member and once as child. */
export class SetBuilder {
  readonly #members: PathElement[] = []
  readonly #children: ChildSet[] = []

  member(element: PathElement): void {
    this.#members.push(element)
  }

  /** Undefined and empty sets are left out. */
  child(element: PathElement, set: FieldSet | undefined): void {
    if (set !== undefined && set !== emptySet) this.#children.push({ element, set })
  }

  /** Undefined when nothing was collected. */
  build(): FieldSet | undefined {
    if (this.#members.length === 0 && this.#children.length === 0) return undefined
    sortOnce(this.#members, compareElements)
    sortOnce(this.#children, (a, b) => compareElements(a.element, b.element))
    return { members: this.#members, children: this.#children }
  }
}

/** Objects are mostly written in order already, or have few members: those are put in place without a copy. */
function sortOnce<T>(entries: T[], compare: (a: T, b: T) => number): void {
  if (entries.length > fewMax) {
    entries.sort(compare)
    return
  }
  for (let end = 1; end < entries.length; end += 1) {
    const entry = entries[end] as T
    let at = end
    for (; at > 0 && compare(entries[at - 1] as T, entry) > 0; at -= 1) entries[at] = entries[at - 1] as T
    entries[at] = entry
  }
}

const fewMax = 24

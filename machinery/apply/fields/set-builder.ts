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

/** Objects are mostly written in order already: look first. */
function sortOnce<T>(entries: T[], compare: (a: T, b: T) => number): void {
  let previous: T | undefined
  for (const entry of entries) {
    if (previous !== undefined && compare(previous, entry) > 0) {
      entries.sort(compare)
      return
    }
    previous = entry
  }
}

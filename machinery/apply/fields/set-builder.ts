import { type ChildSet, emptySet, type FieldSet } from './field-set.ts'
import { compareElements, type PathElement } from './path-element.ts'
import { sortFew } from './sort-few.ts'

/** Collects one level of a FieldSet in any order. Each element is given at most once as member and once as child. */
export class SetBuilder {
  #members: PathElement[] | undefined
  #children: ChildSet[] | undefined

  member(element: PathElement): void {
    if (this.#members === undefined) this.#members = [element]
    else this.#members.push(element)
  }

  /** Undefined and empty sets are left out. */
  child(element: PathElement, set: FieldSet | undefined): void {
    if (set === undefined || set === emptySet) return
    if (this.#children === undefined) this.#children = [{ element, set }]
    else this.#children.push({ element, set })
  }

  /** Undefined when nothing was collected. */
  build(): FieldSet | undefined {
    const members = this.#members
    const children = this.#children
    if (members === undefined && children === undefined) return undefined
    if (members !== undefined) sortFew(members, compareElements)
    if (children !== undefined) sortFew(children, compareChildren)
    return { members: members ?? emptySet.members, children: children ?? emptySet.children }
  }
}

function compareChildren(a: ChildSet, b: ChildSet): number {
  return compareElements(a.element, b.element)
}

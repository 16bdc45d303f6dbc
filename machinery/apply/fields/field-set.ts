import { compareElements, type PathElement } from './path-element.ts'

/**
 * A set of field paths as a trie. Immutable, so that the results of the algebra share what is unchanged, and are the
 * first operand where they equal it. Invariants:
 * 1. members and children are sorted by compareElements and each holds an element at most once;
 * 2. no child is empty.
 * An element can be in both: owning a parent neither implies nor needs owning what is below it.
 */
export interface FieldSet {
  readonly members: readonly PathElement[]
  readonly children: readonly ChildSet[]
}

export interface ChildSet {
  readonly element: PathElement
  readonly set: FieldSet
}

export type Path = readonly PathElement[]

export const emptySet: FieldSet = { members: [], children: [] }

export function isEmptySet(set: FieldSet): boolean {
  return set.members.length === 0 && set.children.length === 0
}

export function hasMember(set: FieldSet, element: PathElement): boolean {
  return indexOfElement(set.members, element, (member) => member) >= 0
}

export function childSet(set: FieldSet, element: PathElement): FieldSet | undefined {
  return set.children[indexOfElement(set.children, element, elementOf)]?.set
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a
  if (isEmptySet(a)) return b
  return unlessSame(a, merged(a.members, b.members, all), merged(a.children, b.children, unions))
}

const unions: Choice<ChildSet> = {
  left: keep,
  right: keep,
  both: (left, right) => remaining(left, union(left.set, right.set)),
}

/** Elements are those of `a`. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(a)) return a
  if (isEmptySet(b)) return b
  return unlessSame(a, merged(a.members, b.members, shared), merged(a.children, b.children, intersections))
}

const intersections: Choice<ChildSet> = {
  left: drop,
  right: drop,
  both: (left, right) => remaining(left, intersection(left.set, right.set)),
}

/** Exactly the member paths of `b` go: what is below them stays. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return a
  return unlessSame(a, merged(a.members, b.members, others), merged(a.children, b.children, differences))
}

const differences: Choice<ChildSet> = {
  left: keep,
  right: drop,
  both: (left, right) => remaining(left, difference(left.set, right.set)),
}

/** The member paths of `b` go with everything below them. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return a
  const isKept = ({ element }: ChildSet): boolean => !hasMember(b, element)
  const kept = a.children.every(isKept) ? a.children : a.children.filter(isKept)
  return unlessSame(a, merged(a.members, b.members, others), merged(kept, b.children, recursiveDifferences))
}

const recursiveDifferences: Choice<ChildSet> = {
  left: keep,
  right: drop,
  both: (left, right) => remaining(left, recursiveDifference(left.set, right.set)),
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  return (
    a.members.length === b.members.length &&
    a.children.length === b.children.length &&
    a.members.every((member, index) => member.text === b.members[index]?.text) &&
    a.children.every(({ element, set }, index) => {
      const other = b.children[index]
      return other !== undefined && other.element.text === element.text && equalSets(set, other.set)
    })
  )
}

/** Members without anything below them. */
export function leaves(set: FieldSet): FieldSet {
  return {
    members: set.members.filter((member) => childSet(set, member) === undefined),
    children: set.children.map(({ element, set: child }) => ({ element, set: leaves(child) })),
  }
}

/** All member paths: at each level the members, then what is below the children. */
export function* pathsOf(set: FieldSet, prefix: Path = []): Generator<Path> {
  for (const member of set.members) yield [...prefix, member]
  for (const { element, set: child } of set.children) yield* pathsOf(child, [...prefix, element])
}

/** A set of one path. */
export function pathSet(path: Path): FieldSet {
  const [element, ...rest] = path
  if (element === undefined) return emptySet
  if (rest.length === 0) return { members: [element], children: [] }
  return { members: [], children: [{ element, set: pathSet(rest) }] }
}

function remaining(child: ChildSet, set: FieldSet): ChildSet | undefined {
  if (set === child.set) return child
  return isEmptySet(set) ? undefined : { element: child.element, set }
}

function unlessSame(a: FieldSet, members: FieldSet['members'], children: FieldSet['children']): FieldSet {
  return members === a.members && children === a.children ? a : { members, children }
}

function keep<T>(entry: T): T {
  return entry
}

function drop(): undefined {
  return undefined
}

interface Choice<T> {
  readonly left: (entry: T) => T | undefined
  readonly both: (left: T, right: T) => T | undefined
  readonly right: (entry: T) => T | undefined
}

const all: Choice<PathElement> = { left: keep, both: keep, right: keep }
const shared: Choice<PathElement> = { left: drop, both: keep, right: drop }
const others: Choice<PathElement> = { left: keep, both: drop, right: drop }

/** One walk along two sorted lists; `a` itself where nothing else comes of it. */
function merged<T extends PathElement | ChildSet>(a: readonly T[], b: readonly T[], choice: Choice<T>): readonly T[] {
  if (b.length === 0 && choice.left === keep) return a
  let entries: T[] | undefined
  let l = 0
  let r = 0
  while (l < a.length || r < b.length) {
    const start = l
    const left = a[l]
    const right = b[r]
    const order = orderOf(left, right)
    if (order <= 0) l += 1
    if (order >= 0) r += 1
    const chosen =
      order < 0
        ? left && choice.left(left)
        : order > 0
          ? right && choice.right(right)
          : left && right && choice.both(left, right)
    if (chosen !== (order > 0 ? undefined : left)) entries ??= a.slice(0, start)
    if (chosen !== undefined) entries?.push(chosen)
  }
  return entries ?? a
}

function orderOf(left: PathElement | ChildSet | undefined, right: PathElement | ChildSet | undefined): number {
  if (left === undefined) return 1
  return right === undefined ? -1 : compareElements(elementOf(left), elementOf(right))
}

function elementOf(entry: PathElement | ChildSet): PathElement {
  return 'element' in entry ? entry.element : entry
}

function indexOfElement<T>(entries: readonly T[], element: PathElement, elementAt: (entry: T) => PathElement): number {
  let low = 0
  let high = entries.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const entry = entries[middle]
    const order = entry === undefined ? 0 : compareElements(elementAt(entry), element)
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle - 1
  }
  return -1
}

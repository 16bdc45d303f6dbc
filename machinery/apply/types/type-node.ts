import type { PathElement } from '../fields/path-element.ts'
import type { Scalar } from './type-schema.ts'

/** A type made ready for walking: references resolved, fields found by name. */
export interface TypeNode {
  readonly scalar?: Scalar | undefined
  readonly list?: ListNode | undefined
  readonly map?: MapNode | undefined
}

export interface ListNode {
  readonly items: TypeReference
  readonly isAtomic: boolean
  readonly keys: readonly string[]
}

export interface MapNode {
  readonly fields: ReadonlyMap<string, FieldNode>
  readonly others: TypeReference | undefined
  readonly isAtomic: boolean
  /** No declared fields, and whatever is in it has no schema either. */
  readonly isFreeForm: boolean
}

export interface FieldNode {
  readonly element: PathElement
  readonly type: TypeReference
  readonly default: unknown
}

/** Resolved when a walk first comes by: types refer to themselves. */
export class TypeReference {
  readonly name: string
  readonly #resolve: () => TypeNode | undefined
  #node: TypeNode | undefined
  #isResolved = false

  constructor(name: string, resolve: () => TypeNode | undefined) {
    this.name = name
    this.#resolve = resolve
  }

  /** Undefined when there is no such type. */
  get node(): TypeNode | undefined {
    if (!this.#isResolved) {
      this.#node = this.#resolve()
      this.#isResolved = true
    }
    return this.#node
  }
}

export type Kind = 'map' | 'scalar' | 'list'

/** By which of its kinds a type takes a value: that of the value if it has it, else the first of map, scalar, list. */
export function kindOf({ map, scalar, list }: TypeNode, value: unknown): Kind | undefined {
  const kind = kindOfValue(value)
  if (kind === 'scalar' && scalar !== undefined) return kind
  if (kind === 'list' && list !== undefined) return kind
  if (map !== undefined) return 'map'
  if (scalar !== undefined) return 'scalar'
  return list === undefined ? undefined : 'list'
}

/** Of a member of a map; undefined: not declared, and nothing undeclared is allowed. */
export function memberType(map: MapNode, name: string): TypeReference | undefined {
  return map.fields.get(name)?.type ?? map.others
}

function kindOfValue(value: unknown): Kind | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'object') return 'scalar'
  return Array.isArray(value) ? 'list' : 'map'
}

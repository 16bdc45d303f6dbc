import type { JsonValue } from '../../object.ts'

/** A schema as structured-merge-diff has it: named types, each a scalar, a list, a map or several of them. */
export interface TypeSchema {
  readonly types: readonly NamedType[]
}

export interface NamedType extends Atom {
  readonly name: string
}

export interface Atom {
  readonly scalar?: Scalar
  readonly list?: ListType
  readonly map?: MapType
}

/** untyped: any of the other three. */
export type Scalar = 'numeric' | 'string' | 'boolean' | 'untyped'

export interface ListType {
  readonly elementType: TypeRef
  readonly elementRelationship?: 'atomic' | 'associative'
  /** Of an associative list: items are found by these members; without keys the list is a set. */
  readonly keys?: readonly string[]
}

export interface MapType {
  readonly fields?: readonly StructField[]
  /** Of members that are not declared as fields; absent: there may be none. */
  readonly elementType?: TypeRef
  readonly elementRelationship?: 'separable' | 'atomic'
}

export interface StructField {
  readonly name: string
  readonly type: TypeRef
  readonly default?: JsonValue
}

/** A name or an inlined atom; the relationship overrides that of the type referred to. */
export interface TypeRef extends Atom {
  readonly namedType?: string
  readonly elementRelationship?: 'separable' | 'associative' | 'atomic'
}

export const untypedAtomic = '__untyped_atomic_'
export const untypedDeduced = '__untyped_deduced_'

const atomicList: ListType = { elementType: { namedType: untypedAtomic }, elementRelationship: 'atomic' }

/** Types that every schema has: of what is owned as one, and of what has no schema. */
export const builtInTypes: readonly NamedType[] = [
  {
    name: untypedAtomic,
    scalar: 'untyped',
    list: atomicList,
    map: { elementType: { namedType: untypedAtomic }, elementRelationship: 'atomic' },
  },
  {
    name: untypedDeduced,
    scalar: 'untyped',
    list: atomicList,
    map: { elementType: { namedType: untypedDeduced }, elementRelationship: 'separable' },
  },
]

import type { Uint } from '../values/uint.ts'

/** What the parser makes of a text; macros are recognized, calls are not resolved. `at` is an offset in the text. */
export type Expression = { readonly at: number } & (
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'select'; readonly operand: Expression; readonly field: string; readonly isOptional: boolean }
  | { readonly kind: 'has'; readonly operand: Expression; readonly field: string }
  | { readonly kind: 'call'; readonly name: string; readonly target?: Expression; readonly args: readonly Expression[] }
  | { readonly kind: 'list'; readonly items: readonly ListItem[] }
  | { readonly kind: 'map'; readonly entries: readonly MapEntry[] }
  | { readonly kind: 'message'; readonly name: string; readonly fields: readonly MessageField[] }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Expression[] }
  | {
      readonly kind: 'conditional'
      readonly test: Expression
      readonly then: Expression
      readonly otherwise: Expression
    }
  | Comprehension
)

export type Literal = null | boolean | bigint | number | string | Uint8Array | Uint

/** `range.macro(names, bodies)`. */
export interface Comprehension {
  readonly kind: 'comprehension'
  readonly macro: string
  readonly range: Expression
  readonly names: readonly string[]
  readonly bodies: readonly Expression[]
}

export interface ListItem {
  readonly value: Expression
  readonly isOptional: boolean
}

/** `name: value` or `?name: value` of `Type{...}`. */
export interface MessageField extends ListItem {
  readonly name: string
}

export interface MapEntry extends ListItem {
  readonly key: Expression
}

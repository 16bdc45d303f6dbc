import type { Position } from '../errors.ts'
import type { Value } from '../value.ts'

/** What stands between and inside the delimiters: the closed union that the executor walks. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | { readonly kind: 'if' | 'with'; readonly pipe: Pipe; readonly body: Block; readonly otherwise: Block | undefined }
  | { readonly kind: 'range'; readonly pipe: Pipe; readonly body: Block; readonly otherwise: Block | undefined }
  | { readonly kind: 'break' | 'continue' }
  | { readonly kind: 'template'; readonly called: string; readonly pipe: Pipe | undefined; readonly at: Position }

export type Block = readonly Node[]

/** Commands, each fed with the result of the one before; the last result goes into the variables. */
export interface Pipe {
  readonly at: Position
  readonly variables: readonly string[]
  /** `=` instead of `:=`. */
  readonly isAssignment: boolean
  readonly commands: readonly Command[]
}

export interface Command {
  readonly at: Position
  /** The first says what is done; never empty. */
  readonly operands: readonly [Operand, ...Operand[]]
}

export type Operand =
  | { readonly kind: 'literal'; readonly value: Literal; readonly at: Position }
  | { readonly kind: 'nil'; readonly at: Position }
  | { readonly kind: 'dot'; readonly at: Position }
  | { readonly kind: 'field'; readonly path: readonly string[]; readonly at: Position }
  | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[]; readonly at: Position }
  | { readonly kind: 'function'; readonly name: string; readonly at: Position }
  | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly at: Position }
  | { readonly kind: 'chain'; readonly base: Operand; readonly path: readonly string[]; readonly at: Position }

/** A constant of the source, and as what it can be used: `1.0` is also an integer. */
export interface Literal {
  readonly value: Value
  readonly integer?: bigint
  readonly float?: number
}

/** A parsed source: its own block under its name, and what it defines. */
export interface TemplateSet {
  readonly name: string
  readonly blocks: ReadonlyMap<string, Block>
  /** The names of all functions that are called somewhere. */
  readonly called: ReadonlySet<string>
}

import type { Clock } from '../../base/clock.ts'
import type { Budget } from '../exec/budget.ts'
import type { Moment } from '../time/moment.ts'
import type { Dictionary, Integer, List, Structure, Value } from '../value.ts'

/** What Go's signatures ask for. An argument of another type is an error before the function runs, as in Go. */
export interface ParameterTypes {
  any: Value
  string: string
  /** A named string type of Go: takes a constant, and no value that is merely a string. */
  constant: string
  bool: boolean
  int: number
  int64: Integer
  uint32: number
  float64: number
  /** `map[string]interface {}` only: the root, a map of strings, does not fit. */
  dictionary: Dictionary
  /** `[]interface {}` only. */
  list: List
  time: Moment
  structure: Structure
}

export type ParameterType = keyof ParameterTypes
/** The last parameter may take all that is left, as a list. */
export type Parameter = ParameterType | `${ParameterType}...`

type ArgumentOf<P> = P extends `${infer T extends ParameterType}...`
  ? readonly ParameterTypes[T][]
  : P extends ParameterType
    ? ParameterTypes[P]
    : never
type ArgumentsOf<P extends readonly Parameter[]> = { readonly [K in keyof P]: ArgumentOf<P[K]> }

/** Everything a function may use beside its arguments. */
export interface CallContext {
  readonly budget: Budget
  readonly clock: Pick<Clock, 'now'>
  readonly random: (byteCount: number) => Uint8Array
  /** All arguments are constants of the source that may be quoted in an error. */
  readonly isConstant: boolean
}

export interface FunctionDefinition {
  readonly parameters: readonly Parameter[]
  /** In steps of the budget. */
  readonly cost: number
  readonly call: (args: readonly unknown[], context: CallContext) => Value
}

export type FunctionTable = Readonly<Record<string, FunctionDefinition>>

/** What makes a function CPU-heavy: keys, password hashes. Templates with such a call want a thread of their own. */
export const heavyCost = 20_000

/** A row of a function table: the types of Go's signature, and a function of arguments that have them. */
export function takes<const P extends readonly Parameter[]>(
  parameters: P,
  call: (args: ArgumentsOf<P>, context: CallContext) => Value,
  cost = 1,
): FunctionDefinition {
  return { parameters, cost, call: (args, context) => call(args as ArgumentsOf<P>, context) }
}

/** A function refuses its arguments. The message is ours and holds nothing of them. */
export class FunctionFailure extends Error {
  override readonly name = 'FunctionFailure'
}

export function parameterAt(parameters: readonly Parameter[], index: number): ParameterType | undefined {
  const last = parameters.at(-1)
  const parameter = parameters[index] ?? (last?.endsWith('...') ? last : undefined)
  return parameter?.replace('...', '') as ParameterType | undefined
}

export function isVariadic(parameters: readonly Parameter[]): boolean {
  return parameters.at(-1)?.endsWith('...') === true
}

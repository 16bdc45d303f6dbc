import { typeOf } from '../type.ts'
import type { CelType } from '../type.ts'
import type { Duration } from '../values/duration.ts'
import type { Timestamp } from '../values/timestamp.ts'
import type { Uint } from '../values/uint.ts'
import type { Meter } from '../meter.ts'
import { sizeOf, typeNameOf } from '../values/value.ts'
import type { List, Mapping, Opaque, Optional, TypeValue, Value } from '../values/value.ts'

/** A library: overloads by the name of the function. */
export type FunctionTable = Readonly<Record<string, readonly Overload[]>>

export interface Overload {
  readonly isMember: boolean
  /** Of a member the first is what stands before the point. */
  readonly parameters: readonly CelType[]
  readonly result: CelType
  /** Charged before the call. */
  readonly cost: Cost
  readonly call: (args: readonly Value[], meter: Meter) => Value
  /** Whether the values are of the types that the parameters name, as far as a value shows it. */
  readonly accepts: (args: readonly Value[]) => boolean
}

export type Cost = (args: readonly Value[]) => number

/** `name(args)`. */
export function plain<const P extends readonly string[]>(
  signature: Signature<P>,
  run: (...args: [...Arguments<P>, Meter]) => Value,
  cost: Cost = constantCost,
): Overload {
  return overload(signature, run, { cost, isMember: false })
}

/** `first.name(others)`. */
export function member<const P extends readonly string[]>(
  signature: Signature<P>,
  run: (...args: [...Arguments<P>, Meter]) => Value,
  cost: Cost = constantCost,
): Overload {
  return overload(signature, run, { cost, isMember: true })
}

/** The types of the parameters and of the result, as `typeOf` reads them. */
type Signature<P extends readonly string[]> = readonly [...P, '->', string]

type Arguments<P extends readonly string[]> = { [I in keyof P]: ArgumentOf<P[I]> }
type ArgumentOf<T extends string> = T extends `list(${string})`
  ? List
  : T extends `map(${string})`
    ? Mapping
    : T extends `optional(${string})`
      ? Optional
      : T extends keyof Named
        ? Named[T]
        : T extends `kubernetes.${string}` | `net.${string}`
          ? Opaque
          : Value

interface Named {
  readonly bool: boolean
  readonly int: bigint
  readonly uint: Uint
  readonly double: number
  readonly string: string
  readonly bytes: Uint8Array
  readonly 'google.protobuf.Timestamp': Timestamp
  readonly 'google.protobuf.Duration': Duration
  readonly 'type(T)': TypeValue
}

function overload<P extends readonly string[]>(
  signature: Signature<P>,
  run: (...args: [...Arguments<P>, Meter]) => Value,
  { cost, isMember }: { readonly cost: Cost; readonly isMember: boolean },
): Overload {
  const types = signature.map((text) => (text === '->' ? undefined : typeOf(text)))
  const parameters = types.slice(0, -2).filter((type) => type !== undefined)
  const sorts = parameters.map(sortOf)
  // The checker, or `accepts` where it knows too little, has seen that the values are of these types.
  const call = run as unknown as (...args: readonly unknown[]) => Value
  return {
    isMember,
    parameters,
    result: types.at(-1) ?? typeOf('dyn'),
    cost,
    call: (args, meter) => call(...args, meter),
    accepts: (args) => sorts.every((sort, index) => sort === undefined || sort === typeNameOf(args[index] ?? null)),
  }
}

/** undefined: any value will do. */
function sortOf(type: CelType): string | undefined {
  switch (type.kind) {
    case 'simple':
      return type.name
    case 'optional':
      return 'optional_type'
    case 'list':
    case 'map':
    case 'type':
      return type.kind
    default:
      return undefined
  }
}

export function constantCost(): number {
  return 1
}

/** Walking along the text, bytes or list that is the argument at `index`, `times` over. */
export function walkCost(index: number, times = 1): Cost {
  return (args) => Math.ceil(sizeOf(args[index] ?? null) * times * 0.1)
}

/** A step for each item of the list that is the argument at `index`. */
export function itemsCost(index: number): Cost {
  return (args) => sizeOf(args[index] ?? null)
}

/** To match is linear in the text and in the pattern. */
export function patternCost([text = null, pattern = null]: readonly Value[]): number {
  return Math.ceil((1 + sizeOf(text)) * 0.1) * Math.ceil(sizeOf(pattern) * 0.25)
}

import type { ParameterType, ParameterTypes } from '../functions/definition.ts'
import type { Literal } from '../syntax/nodes.ts'
import { Moment } from '../time/moment.ts'
import { anyType, Dictionary, Integer, List, Structure, typeName, type Value } from '../value.ts'

export type Conversion = { readonly argument: unknown } | { readonly refused: string }

/** How Go names the type that a parameter wants. */
const goNames: Readonly<Record<ParameterType, string>> = {
  any: 'interface {}',
  string: 'string',
  constant: 'a constant string',
  bool: 'bool',
  int: 'int',
  int64: 'int64',
  uint32: 'uint32',
  float64: 'float64',
  dictionary: 'map[string]interface {}',
  list: '[]interface {}',
  time: 'time.Time',
  structure: 'a certificate',
}

const conversions: { readonly [T in ParameterType]: (value: Value) => ParameterTypes[T] | undefined } = {
  any: (value) => value,
  string: (value) => (typeof value === 'string' ? value : undefined),
  constant: () => undefined,
  bool: (value) => (typeof value === 'boolean' ? value : undefined),
  int: (value) => (value instanceof Integer && value.type === 'int' ? Number(value.value) : undefined),
  int64: (value) => (value instanceof Integer && value.type === 'int64' ? value : undefined),
  uint32: () => undefined,
  float64: (value) => (typeof value === 'number' ? value : undefined),
  dictionary: (value) => (value instanceof Dictionary && value.element === anyType ? value : undefined),
  list: (value) => (value instanceof List && value.element === anyType ? value : undefined),
  time: (value) => (value instanceof Moment ? value : undefined),
  structure: (value) => (value instanceof Structure ? value : undefined),
}

/** A computed value as the argument of a parameter: types must be the same, nothing is converted. */
export function argumentOf(value: Value, type: ParameterType): Conversion {
  const argument = value === null ? nilArgument(type) : conversions[type](value)
  if (argument !== undefined) return { argument }
  const reason = value === null ? 'invalid value' : 'wrong type for value'
  return { refused: `${reason}; expected ${goNames[type]}${value === null ? '' : `; got ${typeName(value)}`}` }
}

/** A constant of the source takes the type that is asked for, where it can. */
export function literalArgument(literal: Literal, type: ParameterType): Conversion {
  const argument = constantOf(literal, type)
  return argument === undefined ? { refused: `expected ${goNames[type]}` } : { argument }
}

function constantOf({ value, integer, float }: Literal, type: ParameterType): unknown {
  switch (type) {
    case 'any':
      return value instanceof Integer && integer !== value.value ? undefined : value
    case 'constant':
      return typeof value === 'string' ? value : undefined
    case 'int':
      return integer !== undefined && fits(integer) ? Number(integer) : undefined
    case 'int64':
      return integer !== undefined && fits(integer) ? new Integer(integer, 'int64') : undefined
    case 'uint32':
      return integer !== undefined && integer >= 0n && integer < 2n ** 32n ? Number(integer) : undefined
    case 'float64':
      return float
    case 'dictionary':
    case 'list':
    case 'time':
    case 'structure':
      return undefined
    default:
      return conversions[type](value)
  }
}

function fits(integer: bigint): boolean {
  return integer === BigInt.asIntN(64, integer)
}

/** nil is a map, a list or an interface without anything in it; a string or a number it is not. */
function nilArgument(type: ParameterType): unknown {
  if (type === 'any') return null
  if (type === 'dictionary') return new Dictionary()
  return type === 'list' ? new List([]) : undefined
}

import type { Duration } from './duration.ts'
import type { Timestamp } from './timestamp.ts'
import type { Uint } from './uint.ts'

/** What an expression comes to. A bigint is an int, a number is a double: JSON's integers are read as ints. */
export type Value = Scalar | List | Mapping | Optional | TypeValue | Opaque

/** What may be a key, be ordered, or be a constant. */
export type Scalar = null | boolean | bigint | number | string | Uint8Array | Uint | Timestamp | Duration

/** A type as a value: `type(1) == int`. */
export interface TypeValue {
  readonly typeName: 'type'
  readonly name: string
}

/** A value of a library, such as a quantity: only the library's own functions look into it. */
export interface Opaque {
  readonly typeName: `kubernetes.${string}` | 'net.IP' | 'net.CIDR'
  equals(other: Opaque): boolean
}

/** Items that are made when they are asked for: a list of an object is a view of its JSON. */
export class List implements Iterable<Value> {
  readonly typeName = 'list'
  readonly size: number
  readonly at: (index: number) => Value
  /**
   * What tells an item from the others in a list that is a set or a map: such lists are equal in any order, and a sum
   * has no item twice.
   */
  readonly identity: ((item: Value) => string) | undefined

  constructor(size: number, at: (index: number) => Value, identity?: (item: Value) => string) {
    this.size = size
    this.at = at
    this.identity = identity
  }

  *[Symbol.iterator](): Iterator<Value> {
    for (let index = 0; index < this.size; index += 1) yield this.at(index)
  }
}

/** A map, or an object whose fields have the names that expressions know them by. */
export class Mapping {
  readonly typeName = 'map'
  readonly keys: () => readonly Value[]
  readonly find: (key: Value) => Value | undefined

  constructor(keys: () => readonly Value[], find: (key: Value) => Value | undefined) {
    this.keys = keys
    this.find = find
  }

  get size(): number {
    return this.keys().length
  }
}

/** A value that may not be there. */
export class Optional {
  readonly typeName = 'optional_type'
  /** undefined: there is none. */
  readonly value: Value | undefined

  constructor(value: Value | undefined) {
    this.value = value
  }
}

export const none = new Optional(undefined)

/** The name that `type()` and the signatures of functions use. */
export function typeNameOf(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return 'double'
    case 'string':
      return 'string'
    default:
      if (value === null) return 'null_type'
      return value instanceof Uint8Array ? 'bytes' : value.typeName
  }
}

/** Code points of a text, bytes, items or entries; 1 for all that has no size. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return textSize(value)
  if (value instanceof Uint8Array) return value.length
  if (typeof value !== 'object' || value === null) return 1
  if (value.typeName === 'list' || value.typeName === 'map') return value.size
  return value.typeName === 'optional_type' && value.value !== undefined ? sizeOf(value.value) : 1
}

const surrogate = /[\ud800-\udfff]/

/** Most texts have one code unit a code point: the others cost a walk. */
export function hasSurrogates(text: string): boolean {
  return surrogate.test(text)
}

function textSize(text: string): number {
  if (!hasSurrogates(text)) return text.length
  let count = 0
  for (const _ of text) count += 1
  return count
}

import type { Moment } from './time/moment.ts'

/**
 * What a template computes with, typed as in Go: `null` is nil, a boolean bool, a string a byte string, as
 * byte-string.ts has them, a number float64; everything else has a class here. Lists and dictionaries are shared and
 * changed in place, as Go's are.
 */
export type Value = null | boolean | string | number | Integer | List | Dictionary | Moment | Structure

/** Go's name of the type of elements: `interface {}` holds anything. */
export const anyType = 'interface {}'

/** An integer of any of Go's types, wrapped around as that type does. */
export class Integer {
  readonly value: bigint
  readonly type: string
  /** How it prints where its type has a String method: months, weekdays, durations. */
  readonly text: string | undefined

  constructor(value: bigint | number, type = 'int', text?: string) {
    const bits = type === 'uint8' ? 8 : type === 'int32' || type === 'uint32' ? 32 : 64
    const wide = typeof value === 'bigint' ? value : BigInt(Math.trunc(value))
    this.value = type.startsWith('uint') ? BigInt.asUintN(bits, wide) : BigInt.asIntN(bits, wide)
    this.type = type
    this.text = text
  }

  get isUnsigned(): boolean {
    return this.type.startsWith('uint')
  }
}

export class List {
  readonly items: Value[]
  readonly element: string

  constructor(items: Value[], element: string = anyType) {
    this.items = items
    this.element = element
  }
}

/** A map with string keys. */
export class Dictionary {
  readonly entries: Map<string, Value>
  readonly element: string

  constructor(entries: Iterable<readonly [string, Value]> = [], element: string = anyType) {
    this.entries = new Map(entries)
    this.element = element
  }

  /** In the order in which Go's templates, fmt and encoders visit a map. */
  sorted(): [string, Value][] {
    return [...this.entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  }
}

export type Method = (args: readonly Value[]) => Value

/** A struct, or a pointer to one: certificates, versions. */
export class Structure {
  readonly type: string
  readonly fields: ReadonlyMap<string, Value>
  readonly methods: ReadonlyMap<string, Method>
  /** How it prints where its type has a String method. */
  readonly text: string | undefined

  constructor(
    type: string,
    parts: {
      readonly fields?: Readonly<Record<string, Value>>
      readonly methods?: Readonly<Record<string, Method>>
      readonly text?: string
    },
  ) {
    this.type = type
    this.fields = new Map(Object.entries(parts.fields ?? {}))
    this.methods = new Map(Object.entries(parts.methods ?? {}))
    this.text = parts.text
  }
}

/** Go's name of a value's type, as `%T` and `typeOf` print it. */
export function typeName(value: Value): string {
  if (value === null) return '<nil>'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return 'float64'
  if (value instanceof List) return `[]${value.element}`
  if (value instanceof Dictionary) return `map[string]${value.element}`
  if (value instanceof Integer || value instanceof Structure) return value.type
  return 'time.Time'
}

/** Go's name of a value's kind, as `kindOf` prints it. */
export function kindName(value: Value): string {
  if (value === null) return 'invalid'
  if (value instanceof List) return 'slice'
  if (value instanceof Dictionary) return 'map'
  if (value instanceof Structure) return value.type.startsWith('*') ? 'ptr' : 'struct'
  if (value instanceof Integer) return value.type.startsWith('time.') ? (namedKinds[value.type] ?? 'int') : value.type
  return typeof value === 'object' ? 'struct' : typeName(value)
}

const namedKinds: Readonly<Record<string, string>> = { 'time.Duration': 'int64' }

/** What `if`, `with`, `and`, `or` and `not` go by: everything but nil, false, zero and what is empty. */
export function isTrue(value: Value): boolean {
  if (value === null) return false
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value.length > 0
  if (typeof value === 'number') return value !== 0
  if (value instanceof Integer) return value.value !== 0n
  if (value instanceof List) return value.items.length > 0
  if (value instanceof Dictionary) return value.entries.size > 0
  return true
}

export function int(value: bigint | number): Integer {
  return new Integer(value, 'int')
}

export function int64(value: bigint | number): Integer {
  return new Integer(value, 'int64')
}

export function stringList(items: readonly string[]): List {
  return new List([...items], 'string')
}

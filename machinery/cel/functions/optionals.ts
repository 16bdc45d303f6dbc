import { CelEvaluationError } from '../errors.ts'
import { listOf } from '../values/list.ts'
import { Uint } from '../values/uint.ts'
import { member, plain } from './table.ts'
import type { FunctionTable } from './table.ts'
import { List, Mapping, none, Optional } from '../values/value.ts'
import type { Value } from '../values/value.ts'

/** Values that may be absent; `.?`, `[?` and optMap are part of the language. */
export const optionals: FunctionTable = {
  'optional.of': [plain(['T', '->', 'optional(T)'], (value) => new Optional(value))],
  'optional.none': [plain(['->', 'optional(T)'], () => none)],
  'optional.ofNonZeroValue': [
    plain(['T', '->', 'optional(T)'], (value) => (isZero(value) ? none : new Optional(value))),
  ],
  hasValue: [member(['optional(T)', '->', 'bool'], ({ value }) => value !== undefined)],
  value: [member(['optional(T)', '->', 'T'], ({ value }) => value ?? dereferenced(value))],
  or: [
    member(
      ['optional(T)', 'optional(T)', '->', 'optional(T)'],
      (one, other) => (one.value === undefined ? other : one),
      free,
    ),
  ],
  orValue: [
    member(['optional(T)', 'T', '->', 'T'], ({ value }, other: Value) => (value === undefined ? other : value), free),
  ],
  'optional.unwrap': [plain(['list(optional(T))', '->', 'list(T)'], unwrapped)],
  unwrapOpt: [member(['list(optional(T))', '->', 'list(T)'], unwrapped)],
}

/** Part of the language in cel-go, which counts no cost for it. */
function free(): number {
  return 0
}

/** An optional may hold a null. */
function dereferenced(value: Value | undefined): null {
  if (value === undefined) throw new CelEvaluationError('optional.none() dereference')
  return null
}

function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true
  if (value instanceof Uint8Array) return value.length === 0
  if (value instanceof Uint) return value.value === 0n
  return (value instanceof List || value instanceof Mapping) && value.size === 0
}

function unwrapped(list: List): List {
  return listOf([...list].flatMap((item) => (item instanceof Optional && item.value !== undefined ? [item.value] : [])))
}

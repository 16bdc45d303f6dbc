import { noSuchOverload } from '../errors.ts'
import { Duration } from './duration.ts'
import { numberOf } from './equality.ts'
import { Timestamp } from './timestamp.ts'
import { hasSurrogates } from './value.ts'
import type { Value } from './value.ts'

/** Less than 0, 0, or more than 0; NaN for a double that is not a number. */
export function compareValues(left: Value, right: Value): number {
  const [a, b] = [numberOf(left), numberOf(right)]
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : a == b ? 0 : Number.NaN
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right)
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right)
  const isTime = left instanceof Timestamp && right instanceof Timestamp
  if (isTime || (left instanceof Duration && right instanceof Duration))
    return left.nanoseconds < right.nanoseconds ? -1 : left.nanoseconds > right.nanoseconds ? 1 : 0
  throw noSuchOverload()
}

/** By code points, as the bytes of UTF-8 are ordered; JavaScript orders by code units. */
function compareTexts(left: string, right: string): number {
  if (left === right) return 0
  if (!hasSurrogates(left) && !hasSurrogates(right)) return left < right ? -1 : 1
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

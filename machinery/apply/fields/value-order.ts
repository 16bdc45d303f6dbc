import { isJsonObject } from '../../json/member.ts'

/** Numbers < strings < booleans < lists < maps < null; within one sort by content. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const sort = sortOf(a)
  if (sort !== sortOf(b)) return sort - sortOf(b)
  if (typeof a === 'boolean') return Number(a) - Number(b)
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b)
  return isJsonObject(a) && isJsonObject(b) ? compareMaps(a, b) : 0
}

/** By code point, which is the order of UTF-8 bytes; JavaScript's own order is that of UTF-16 units. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return byteOrder(left) - byteOrder(right)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all other units. */
function byteOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

function sortOf(value: unknown): number {
  if (typeof value === 'number') return 0
  if (typeof value === 'string') return 1
  if (typeof value === 'boolean') return 2
  if (Array.isArray(value)) return 3
  return isJsonObject(value) ? 4 : 5
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  const shared = Math.min(a.length, b.length)
  for (let index = 0; index < shared; index += 1) {
    const order = compareValues(a[index], b[index])
    if (order !== 0) return order
  }
  return a.length - b.length
}

type JsonMap = Readonly<Record<string, unknown>>

/** Along the sorted names of both: a side that ran out is smaller, one that lacks a name greater. */
function compareMaps(a: JsonMap, b: JsonMap): number {
  const left = Object.keys(a).toSorted(compareTexts)
  const right = Object.keys(b).toSorted(compareTexts)
  const shared = Math.min(left.length, right.length)
  for (let index = 0; index < shared; index += 1) {
    const name = left[index] ?? ''
    const order = compareTexts(name, right[index] ?? '') || compareValues(a[name], b[name])
    if (order !== 0) return order
  }
  return left.length - right.length
}

import type { Key, KeyRange } from './backend.ts'

/**
 * The order of the keys' UTF-8 bytes, without encoding them. JavaScript compares UTF-16 units, which differs in one
 * place only: surrogates (code points above U+FFFF) sort before U+E000, their bytes after U+FFFF.
 */
export function compareKeys(left: Key, right: Key): number {
  if (left === right) return 0
  const length = Math.min(left.length, right.length)
  let index = 0
  while (index < length && left.charCodeAt(index) === right.charCodeAt(index)) index++
  if (index === length) return left.length - right.length
  return utf8Rank(left.charCodeAt(index)) - utf8Rank(right.charCodeAt(index))
}

export function inRange(range: KeyRange, key: Key): boolean {
  return compareKeys(range.start, key) <= 0 && compareKeys(key, range.end) < 0
}

/** What is left of the range behind a key: where a list goes on. */
export function rangeBehind(range: KeyRange, after: Key | undefined): KeyRange {
  if (after === undefined || compareKeys(after, range.start) < 0) return range
  return { start: `${after}\0` as Key, end: range.end }
}

function utf8Rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

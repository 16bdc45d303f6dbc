import { goEscapes } from '../../apply/fields/value-text.ts'
import { CelEvaluationError } from '../errors.ts'
import { codePoints, joinPoints, positionAfter, textOffset } from '../values/text.ts'
import { listOf } from '../values/list.ts'
import { formatted } from '../values/string-format.ts'
import { member, plain, walkCost } from './table.ts'
import type { FunctionTable } from './table.ts'
import { sizeOf } from '../values/value.ts'
import type { List, Value } from '../values/value.ts'

/** What an expression may grow a text to. */
const textLengthMax = 4_000_000

/** The strings of the CEL standard, and version 2 of the strings extension. Positions count code points. */
export const strings: FunctionTable = {
  contains: [member(['string', 'string', '->', 'bool'], (text, part) => text.includes(part), containsCost)],
  startsWith: [member(['string', 'string', '->', 'bool'], (text, part) => text.startsWith(part), walkCost(0))],
  endsWith: [member(['string', 'string', '->', 'bool'], (text, part) => text.endsWith(part), walkCost(0))],
  charAt: [member(['string', 'int', '->', 'string'], charAt)],
  indexOf: [
    member(['string', 'string', '->', 'int'], (text, part) => indexOf(text, part, 0n), walkOnceCost),
    member(['string', 'string', 'int', '->', 'int'], indexOf, walkOnceCost),
  ],
  lastIndexOf: [
    member(
      ['string', 'string', '->', 'int'],
      (text, part) => positionAfter(text, text.lastIndexOf(part)),
      walkOnceCost,
    ),
    member(['string', 'string', 'int', '->', 'int'], lastIndexOf, walkOnceCost),
  ],
  join: [
    member(['list(string)', '->', 'string'], (list) => join(list, ''), joinCost),
    member(['list(string)', 'string', '->', 'string'], join, joinCost),
  ],
  lowerAscii: [
    member(['string', '->', 'string'], (text) => text.replaceAll(/[A-Z]+/g, (part) => part.toLowerCase()), walkCost(0)),
  ],
  upperAscii: [
    member(['string', '->', 'string'], (text) => text.replaceAll(/[a-z]+/g, (part) => part.toUpperCase()), walkCost(0)),
  ],
  replace: [
    member(
      ['string', 'string', 'string', '->', 'string'],
      (text, from, to) => replaced(text, [from, to], -1n),
      walkCost(0, 2),
    ),
    member(
      ['string', 'string', 'string', 'int', '->', 'string'],
      (...[text, from, to, countMax]) => replaced(text, [from, to], countMax),
      walkCost(0, 2),
    ),
  ],
  split: [
    member(
      ['string', 'string', '->', 'list(string)'],
      (text, separator) => split(text, separator, -1n),
      walkCost(0, 2),
    ),
    member(['string', 'string', 'int', '->', 'list(string)'], split, walkCost(0, 2)),
  ],
  substring: [
    member(['string', 'int', '->', 'string'], (text, from) => substring(text, from, BigInt(sizeOf(text))), walkCost(0)),
    member(['string', 'int', 'int', '->', 'string'], substring, walkCost(0)),
  ],
  // White space as Unicode has it; JavaScript trims one character more, the byte order mark.
  trim: [member(['string', '->', 'string'], (text) => text.replace(/^[\p{White_Space}]+/u, '').trimEnd(), walkCost(0))],
  format: [member(['string', 'list(dyn)', '->', 'string'], formatted, walkCost(0))],
  'strings.quote': [plain(['string', '->', 'string'], quoted, walkCost(0))],
}

function containsCost(args: readonly Value[]): number {
  return walkCost(0)(args) * walkCost(1)(args)
}

/** As Kubernetes counts it: a step for each character. */
function walkOnceCost([text = null]: readonly Value[]): number {
  return Math.ceil(sizeOf(text) * 0.1)
}

function joinCost([list = null, separator = '']: readonly Value[]): number {
  let size = 0
  if (typeof list === 'object' && list !== null && Symbol.iterator in list && !(list instanceof Uint8Array))
    for (const item of list) size += sizeOf(item) + sizeOf(separator)
  return Math.ceil(Math.max(0, size - (size > 0 ? sizeOf(separator) : 0)) * 0.2)
}

function charAt(text: string, index: bigint): string {
  const size = BigInt(sizeOf(text))
  if (index < 0n || index > size) throw new CelEvaluationError(`index out of range: ${index}`)
  return index === size ? '' : (codePoints(text)[Number(index)] ?? '')
}

function indexOf(text: string, part: string, from: bigint): bigint {
  if (from < 0n) throw new CelEvaluationError(`index out of range: ${from}`)
  if (part === '') return from
  if (from > BigInt(sizeOf(text))) return -1n
  return positionAfter(text, text.indexOf(part, textOffset(text, from)))
}

function lastIndexOf(text: string, part: string, from: bigint): bigint {
  if (from < 0n) throw new CelEvaluationError(`index out of range: ${from}`)
  if (part === '') return from
  if (from >= BigInt(sizeOf(text))) return -1n
  return positionAfter(text, text.lastIndexOf(part, textOffset(text, from)))
}

function join(list: List, separator: string): string {
  const parts: string[] = []
  let length = 0
  for (const item of list) {
    if (typeof item !== 'string') throw new CelEvaluationError('no such overload')
    length += item.length + separator.length
    if (length > textLengthMax) throw new CelEvaluationError('the text would be too long')
    parts.push(item)
  }
  return parts.join(separator)
}

function replaced(text: string, [from, to]: readonly [string, string], countMax: bigint): string {
  if (countMax === 0n) return text
  const pieces = from === '' ? ['', ...codePoints(text), ''] : text.split(from)
  const count = countMax < 0n ? pieces.length - 1 : Math.min(Number(countMax), pieces.length - 1)
  if (text.length + count * to.length > textLengthMax) throw new CelEvaluationError('the text would be too long')
  const head = pieces.slice(0, count).map((piece) => piece + to)
  return head.join('') + pieces.slice(count).join(from)
}

function split(text: string, separator: string, countMax: bigint): List {
  if (countMax === 0n) return listOf([])
  const pieces = separator === '' ? codePoints(text) : text.split(separator)
  if (countMax < 0n || countMax >= BigInt(pieces.length)) return listOf(pieces)
  const head = pieces.slice(0, Number(countMax) - 1)
  return listOf([...head, pieces.slice(head.length).join(separator)])
}

function substring(text: string, from: bigint, to: bigint): string {
  const size = BigInt(sizeOf(text))
  if (from < 0n || from > size) throw new CelEvaluationError(`index out of range: ${from}`)
  if (to < 0n || to > size) throw new CelEvaluationError(`index out of range: ${to}`)
  if (from > to) throw new CelEvaluationError(`invalid substring range. start: ${from}, end: ${to}`)
  return joinPoints(text, from, to)
}

function quoted(text: string): string {
  return `"${text.replaceAll(/[\x07\b\f\n\r\t\v\\"]/g, (character) => goEscapes[character] ?? character)}"`
}

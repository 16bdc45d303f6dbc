import { isEqual, isLess } from '../compare.ts'
import { bytesOf, runeBytes, runes } from '../byte-string.ts'
import { defaultText, sprint, sprintln } from '../format/print.ts'
import { sprintf } from '../format/printf.ts'
import { Dictionary, int, Integer, isTrue, List, type Value } from '../value.ts'
import { type CallContext, FunctionFailure, type FunctionTable, takes } from './definition.ts'

/** The functions of Go's text/template itself; `slice` is replaced by that of lists, as Sprig does. */
export const builtinFunctions: FunctionTable = {
  // The executor evaluates no more of their operands than it must; these rows say what they take.
  and: takes(['any', 'any...'], ([first]) => first),
  or: takes(['any', 'any...'], ([first]) => first),
  not: takes(['any'], ([value]) => !isTrue(value)),
  eq: takes(['any', 'any...'], ([first, others]) => {
    if (others.length === 0) throw new FunctionFailure('missing argument for comparison')
    return others.some((other) => isEqual(first, other))
  }),
  ne: takes(['any', 'any'], ([a, b]) => !isEqual(a, b)),
  lt: takes(['any', 'any'], ([a, b]) => isLess(a, b)),
  le: takes(['any', 'any'], ([a, b]) => isLess(a, b) || isEqual(a, b)),
  gt: takes(['any', 'any'], ([a, b]) => !isLess(a, b) && !isEqual(a, b)),
  ge: takes(['any', 'any'], ([a, b]) => !isLess(a, b)),
  len: takes(['any'], ([value]) => int(lengthOf(value))),
  index: takes(['any', 'any...'], ([value, keys]) => keys.reduce(elementAt, value)),
  call: takes(['any', 'any...'], () => {
    throw new FunctionFailure('no value is a function')
  }),
  print: takes(['any...'], ([values], { budget }) => sprint(values, budget)),
  println: takes(['any...'], ([values], { budget }) => sprintln(values, budget)),
  printf: takes(['string', 'any...'], ([format, values], { budget }) => sprintf(format, values, budget)),
  html: takes(['any...'], ([values], context) => replaced(evaluated(values, context), htmlEscapes)),
  js: takes(['any...'], ([values], context) => jsText(evaluated(values, context))),
  urlquery: takes(['any...'], ([values], context) => queryText(evaluated(values, context))),
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') return value.length
  if (value instanceof List) return value.items.length
  if (value instanceof Dictionary) return value.entries.size
  throw new FunctionFailure('a value of that type has no length')
}

function elementAt(value: Value, key: Value): Value {
  if (value instanceof Dictionary) {
    if (typeof key !== 'string') throw new FunctionFailure('the key of a map is a string')
    return value.entries.get(key) ?? (value.element === 'string' ? '' : null)
  }
  if (!(value instanceof List) && typeof value !== 'string') {
    throw new FunctionFailure(value === null ? 'index of untyped nil' : 'a value of that type has no elements')
  }
  if (!(key instanceof Integer)) throw new FunctionFailure('the index of a list is an integer')
  const index = Number(key.value)
  const length = lengthOf(value)
  if (index < 0 || index >= length) throw new FunctionFailure('index out of range')
  return typeof value === 'string' ? new Integer(value.charCodeAt(index), 'uint8') : (value.items[index] ?? null)
}

/** The arguments as one text. */
function evaluated(values: readonly Value[], { budget }: CallContext): string {
  const [first] = values
  if (values.length === 1 && first !== undefined) return first === null ? '<no value>' : defaultText(first, budget)
  return sprint(
    values.map((value) => value ?? '<no value>'),
    budget,
  )
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\xef\xbf\xbd',
}

function replaced(text: string, escapes: Readonly<Record<string, string>>): string {
  return [...text].map((character) => escapes[character] ?? character).join('')
}

const jsEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
}

function jsText(text: string): string {
  let escaped = ''
  for (const { code } of runes(text)) {
    const character = runeBytes(code)
    const isHidden =
      code < 0x20 || code === 0x7f || (code > 0x7f && !/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(String.fromCodePoint(code)))
    const unicode = `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
    escaped += jsEscapes[character] ?? (isHidden ? unicode : character)
  }
  return escaped
}

function queryText(text: string): string {
  return [...bytesOf(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      if (/[A-Za-z0-9_.~-]/.test(character)) return character
      return character === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

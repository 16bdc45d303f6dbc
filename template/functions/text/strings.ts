import { byteString, fromRunes, runeAt, runesOf, unicodeText } from '../../byte-string.ts'
import { defaultText } from '../../format/print.ts'
import { quoted } from '../../format/quote.ts'
import { Dictionary, List, stringList } from '../../value.ts'
import { toTexts } from '../conversions.ts'
import { type CallContext, FunctionFailure, type FunctionTable, takes } from '../definition.ts'

export const stringFunctions: FunctionTable = {
  hello: takes([], () => 'Hello!'),
  trim: takes(['string'], ([text]) => byteString(trimmedSpace(text))),
  trimAll: takes(['string', 'string'], ([cutset, text]) => trimmedAll(cutset, text)),
  trimall: takes(['string', 'string'], ([cutset, text]) => trimmedAll(cutset, text)),
  trimPrefix: takes(['string', 'string'], ([prefix, text]) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  trimSuffix: takes(['string', 'string'], ([suffix, text]) =>
    text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text,
  ),
  contains: takes(['string', 'string'], ([part, text]) => text.includes(part)),
  hasPrefix: takes(['string', 'string'], ([prefix, text]) => text.startsWith(prefix)),
  hasSuffix: takes(['string', 'string'], ([suffix, text]) => text.endsWith(suffix)),
  repeat: takes(['int', 'string'], ([count, text], { budget }) => {
    if (count < 0) throw new FunctionFailure('negative repeat count')
    budget.reserve(count * text.length)
    return text.repeat(count)
  }),
  replace: takes(['string', 'string', 'string'], ([old, by, text], context) => replacedAll(text, { old, by }, context)),
  substr: takes(['int', 'int', 'string'], ([start, end, text]) => {
    if (start < 0) return part(text, 0, end)
    return part(text, start, end < 0 || end > text.length ? text.length : end)
  }),
  trunc: takes(['int', 'string'], ([count, text]) => {
    if (count < 0 && text.length + count > 0) return text.slice(text.length + count)
    return count >= 0 ? text.slice(0, count) : text
  }),
  abbrev: takes(['int', 'string'], ([width, text]) => (width < 4 ? text : abbreviated(text, 0, width))),
  abbrevboth: takes(['int', 'int', 'string'], ([left, right, text]) =>
    right < 4 || (left > 0 && right < 7) ? text : abbreviated(text, left, right),
  ),
  quote: takes(['any...'], ([values], { budget }) =>
    values.flatMap((value) => (value === null ? [] : [quoted(defaultText(value, budget))])).join(' '),
  ),
  squote: takes(['any...'], ([values], { budget }) =>
    values.flatMap((value) => (value === null ? [] : [`'${defaultText(value, budget)}'`])).join(' '),
  ),
  cat: takes(['any...'], ([values], { budget }) =>
    values.flatMap((value) => (value === null ? [] : [defaultText(value, budget)])).join(' '),
  ),
  indent: takes(['int', 'string'], ([spaces, text], context) => indented(spaces, text, context)),
  nindent: takes(['int', 'string'], ([spaces, text], context) => `\n${indented(spaces, text, context)}`),
  plural: takes(['string', 'string', 'int'], ([one, many, count]) => (count === 1 ? one : many)),
  toString: takes(['any'], ([value], { budget }) => defaultText(value, budget)),
  toStrings: takes(['any'], ([value], { budget }) => stringList(toTexts(value, budget))),
  sortAlpha: takes(['any'], ([value], { budget }) => {
    const texts = value === null ? ['<nil>'] : toTexts(value, budget)
    return stringList(value instanceof List ? texts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)) : texts)
  }),
  join: takes(['string', 'any'], ([separator, value], { budget }) => {
    const texts = toTexts(value, budget)
    budget.reserve(separator.length * texts.length)
    return texts.join(separator)
  }),
  split: takes(['string', 'string'], ([separator, text], context) => numbered(pieces(text, separator, context))),
  splitn: takes(['string', 'int', 'string'], ([separator, count, text], context) =>
    numbered(limited(pieces(text, separator, context), separator, count)),
  ),
  splitList: takes(['string', 'string'], ([separator, text], context) => stringList(pieces(text, separator, context))),
}

/** By Unicode's white space. */
function trimmedSpace(bytes: string): string {
  const isSpace = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/
  const text = unicodeText(bytes)
  let start = 0
  let end = text.length
  while (start < end && isSpace.test(text[start] ?? '')) start += 1
  while (end > start && isSpace.test(text[end - 1] ?? '')) end -= 1
  return text.slice(start, end)
}

function trimmedAll(cutset: string, text: string): string {
  const cut = new Set(runesOf(cutset))
  const codes = runesOf(text)
  let start = 0
  let end = codes.length
  while (start < end && cut.has(codes[start] ?? -1)) start += 1
  while (end > start && cut.has(codes[end - 1] ?? -1)) end -= 1
  return end - start === codes.length ? text : fromRunes(codes.slice(start, end))
}

function part(text: string, start: number, end: number): string {
  if (start > end || end > text.length || end < 0) throw new FunctionFailure('runtime error: slice bounds out of range')
  return text.slice(start, end)
}

/** At most `width` bytes, with dots where something is left out. */
function abbreviated(text: string, offset: number, width: number): string {
  if (text.length <= width) return text
  const start = Math.min(offset, text.length)
  const from = text.length - start < width - 3 ? text.length - (width - 3) : start
  if (from <= 4) return `${text.slice(0, width - 3)}...`
  if (from + width - 3 < text.length) return `...${abbreviated(text.slice(from), 0, width - 3)}`
  return `...${text.slice(text.length - (width - 3))}`
}

function replacedAll(
  text: string,
  { old, by }: { readonly old: string; readonly by: string },
  { budget }: CallContext,
): string {
  const parts = old === '' ? ['', ...characters(text), ''] : text.split(old)
  budget.reserve(text.length + (parts.length - 1) * by.length)
  return old === '' && text === '' ? by : parts.join(by)
}

/** UTF-8 sequences; bytes that are none stand for themselves. */
function characters(text: string): string[] {
  const found: string[] = []
  for (let index = 0; index < text.length; ) {
    const { width } = runeAt(text, index)
    found.push(text.slice(index, index + width))
    index += width
  }
  return found
}

function indented(spaces: number, text: string, context: CallContext): string {
  if (spaces < 0) throw new FunctionFailure('negative repeat count')
  context.budget.reserve(spaces)
  const pad = ' '.repeat(spaces)
  return pad + replacedAll(text, { old: '\n', by: `\n${pad}` }, context)
}

function pieces(text: string, separator: string, { budget }: CallContext): string[] {
  const parts = separator === '' ? characters(text) : text.split(separator)
  budget.reserve(16 * parts.length)
  return parts
}

/** The last of `count` pieces holds the rest. */
function limited(parts: readonly string[], separator: string, count: number): string[] {
  if (count < 0) return [...parts]
  if (count === 0) return []
  if (parts.length <= count) return [...parts]
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]
}

function numbered(parts: readonly string[]): Dictionary {
  return new Dictionary(
    parts.map((text, index) => [`_${index}`, text]),
    'string',
  )
}

import { RE2JS } from 're2js'
import { runes, unicodeText, characterOf } from '../../byte-string.ts'
import { stringList } from '../../value.ts'
import { type CallContext, FunctionFailure, type FunctionTable, takes } from '../definition.ts'

const match = takes(
  ['string', 'string'],
  ([pattern, text], context) => searchOf(pattern, text, context).next() !== undefined,
)
const find = takes(['string', 'string'], ([pattern, text], context) => {
  const found = searchOf(pattern, text, context).next()
  return found ? text.slice(...spanOf(found, 0)) : ''
})
const findAll = takes(['string', 'string', 'int'], ([pattern, text, count], context) =>
  stringList(matchesOf(pattern, text, { context, count }).map((found) => text.slice(...spanOf(found, 0)))),
)
const replaceAll = takes(['string', 'string', 'string'], ([pattern, text, by], context) => {
  const search = searchOf(pattern, text, context)
  const expand = templateOf(by, { names: search.names, context })
  return replaced(text, allOf(search), { context, by: (found) => expand(text, found) })
})
const replaceAllLiteral = takes(['string', 'string', 'string'], ([pattern, text, by], context) =>
  replaced(text, allOf(searchOf(pattern, text, context)), { context, by: () => by }),
)
const split = takes(['string', 'string', 'int'], ([pattern, text, count], context) =>
  stringList(splitBy(text, pattern, { context, count })),
)

/** RE2's syntax and running time. Offsets are bytes, and bytes that are no UTF-8 pass through. */
export const regexFunctions: FunctionTable = {
  regexMatch: takes(['string', 'string'], ([pattern, text], context) => {
    const search = trySearch(pattern, text, context)
    return search?.next() !== undefined
  }),
  mustRegexMatch: match,
  regexFind: find,
  mustRegexFind: find,
  regexFindAll: findAll,
  mustRegexFindAll: findAll,
  regexReplaceAll: replaceAll,
  mustRegexReplaceAll: replaceAll,
  regexReplaceAllLiteral: replaceAllLiteral,
  mustRegexReplaceAllLiteral: replaceAllLiteral,
  regexSplit: split,
  mustRegexSplit: split,
  regexQuoteMeta: takes(['string'], ([text]) => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
}

/** Byte offsets of a match and its groups, start and end in turn; -1 for a group that took no part. */
type Found = readonly number[]

interface Search {
  readonly next: () => Found | undefined
  readonly names: Readonly<Record<string, number>>
}

const patternBytesMax = 4_096

function searchOf(pattern: string, text: string, context: CallContext): Search {
  const search = trySearch(pattern, text, context)
  if (!search) throw new FunctionFailure('the regular expression does not parse')
  return search
}

function trySearch(pattern: string, text: string, { budget }: CallContext): Search | undefined {
  budget.spend(100 + Math.ceil((statesOf(pattern) * text.length) / 4_096))
  budget.reserve(4 * text.length)
  const compiled = pattern.length > patternBytesMax ? undefined : compiledOf(unicodeText(pattern))
  if (!compiled) return undefined
  const { characters, offsets } = indexed(text)
  const matcher = compiled.matcher(characters)
  const next = (): Found | undefined => {
    budget.spend(1)
    if (!matcher.find()) return undefined
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => [
      matcher.start(group),
      matcher.end(group),
    ])
    return groups.flat().map((at) => (at < 0 ? -1 : (offsets?.[at] ?? at)))
  }
  return { next, names: compiled.namedGroups() }
}

/** About how many states the search may be in at once: repeats multiply what they repeat. */
function statesOf(pattern: string): number {
  const repeats = pattern.match(/\{[0-9,]+\}/g)?.length ?? 0
  return pattern.length * (repeats === 0 ? 1 : 1_000)
}

function compiledOf(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern)
  } catch {
    return undefined
  }
}

/** As text, with the byte offset of each of its UTF-16 units where they differ. */
function indexed(text: string): { readonly characters: string; readonly offsets: readonly number[] | undefined } {
  if (/^[\0-\x7f]*$/.test(text)) return { characters: text, offsets: undefined }
  const offsets: number[] = []
  let characters = ''
  let at = 0
  for (const { code, width } of runes(text)) {
    const character = characterOf(code)
    for (let unit = 0; unit < character.length; unit += 1) offsets.push(at)
    characters += character
    at += width
  }
  return { characters, offsets: [...offsets, at] }
}

function spanOf(found: Found, group: number): [number, number] {
  return [found[2 * group] ?? 0, found[2 * group + 1] ?? 0]
}

/** As Go counts: an empty match right behind another match is none. */
function allOf(search: Search, count = Number.POSITIVE_INFINITY): Found[] {
  const all: Found[] = []
  let end = -1
  while (all.length < count) {
    const found = search.next()
    if (!found) break
    const [from, to] = spanOf(found, 0)
    if (from !== to || from !== end) all.push(found)
    end = to
  }
  return all
}

interface Counted {
  readonly context: CallContext
  /** How many at most; below zero all. */
  readonly count: number
}

function matchesOf(pattern: string, text: string, { context, count }: Counted): Found[] {
  const search = searchOf(pattern, text, context)
  return allOf(search, count < 0 ? undefined : count)
}

function replaced(
  text: string,
  matches: readonly Found[],
  { context, by }: { readonly context: CallContext; readonly by: (found: Found) => string },
): string {
  let result = ''
  let end = 0
  for (const found of matches) {
    const [from, to] = spanOf(found, 0)
    const replacement = by(found)
    context.budget.reserve(from - end + replacement.length)
    result += text.slice(end, from) + replacement
    end = to
  }
  return result + text.slice(end)
}

/** Go's replacement templates: `$1`, `$name`, `${1}`, `$$`; a name is as long as it can be, an unknown one is empty. */
function templateOf(
  template: string,
  { names, context }: { readonly names: Readonly<Record<string, number>>; readonly context: CallContext },
): (text: string, found: Found) => string {
  const piecePattern = /\$(?:(\$)|\{(\w+)\}|(\w+))/g
  return (text, found) =>
    template.replace(piecePattern, (_, ...groups: (string | undefined)[]) => {
      const [dollar, braced, bare] = groups
      if (dollar !== undefined) return '$'
      const name = braced ?? bare ?? ''
      const group = /^[0-9]+$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : undefined
      if (group === undefined || (found[2 * group] ?? -1) < 0) return ''
      const taken = text.slice(...spanOf(found, group))
      context.budget.reserve(taken.length)
      return taken
    })
}

function splitBy(text: string, pattern: string, { context, count }: Counted): string[] {
  const matches = count === 0 ? [] : allOf(searchOf(pattern, text, context))
  if (count === 0) return []
  if (pattern !== '' && text === '') return ['']
  const parts: string[] = []
  let start = 0
  let end = 0
  for (const found of matches) {
    if (count > 0 && parts.length === count - 1) break
    const [from, to] = spanOf(found, 0)
    end = from
    if (to !== 0) parts.push(text.slice(start, end))
    start = to
  }
  if (end !== text.length) parts.push(text.slice(start))
  return parts
}

import { globMatches, parseGlob } from './glob.ts'
import { elements, members, valuesFrom, type Found } from '../../base/json/json-scan.ts'
import { applyModifier, startsModifier } from './modifiers.ts'
import { literal, multipath } from './multipath.ts'
import { parseQuery, queryMatches, type Query } from './query.ts'

/**
 * A value in JSON text by a gjson path: `a.b`, `list.0`, `list.#`, `list.#.name`, `list.#(name=="x").v`, `a*`, `a\.b`,
 * `a|b`, `@keys`, `[a,b]`, `{a,"x":b}`, `!"text"`, `..0` for JSON lines. `undefined` when nothing is there; a null is
 * there.
 */
export function findPath(json: string, path: string): Found | undefined {
  if (path.length > 1) {
    if (startsModifier(path)) return applyModifier(json, path, findPath)
    if (path[0] === '!') return literal(path, findPath)
    if (path[0] === '[' || path[0] === '{') return multipath(json, path, findPath) ?? inDocument(json, path)
    if (path.startsWith('..')) return inArray(() => valuesFrom(json, 0), path.slice(2))
  }
  return inDocument(json, path)
}

function inDocument(json: string, path: string): Found | undefined {
  const start = json.search(/[[{]/)
  return start < 0 ? undefined : inContainer(json.slice(start), path)
}

function inContainer(json: string, path: string): Found | undefined {
  return json.startsWith('{') ? inObject(json, path) : inArray(() => elements(json), path)
}

function inObject(json: string, path: string): Found | undefined {
  const { part, rest } = splitPath(path)
  const glob = parseGlob(part)
  for (const { key, value } of members(json)) {
    if (!globMatches(glob, key)) continue
    if (rest === undefined) return value
    if (rest.piped) return findPath(value.raw, rest.path)
    const found = value.kind === 'json' ? inContainer(value.raw, rest.path) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

type Values = () => Iterable<Found>

function inArray(values: Values, path: string): Found | undefined {
  if (path.startsWith('#(') || path.startsWith('#[')) return byQuery(values, path)
  if (path.startsWith('#.')) return ofEach(values, path.slice(2))
  const { part, rest } = splitPath(path)
  if (part === '#') return following({ kind: 'number', raw: String([...values()].length) }, rest)
  if (!/^\d+$/.test(part)) return undefined
  let index = Number(part)
  for (const value of values()) {
    if (index === 0) return following(value, rest)
    index -= 1
  }
  return undefined
}

function following(value: Found, rest: Rest | undefined): Found | undefined {
  if (rest === undefined) return value
  if (rest.piped) return findPath(value.raw, rest.path)
  return value.kind === 'json' ? inContainer(value.raw, rest.path) : undefined
}

/** `#.path`: what the path finds in each element, as an array. */
function ofEach(values: Values, path: string): Found | undefined {
  const [inner, after] = splitPipe(path)
  return piped(
    arrayOf(values(), (value) => findPath(value.raw, inner)),
    after,
  )
}

function byQuery(values: Values, path: string): Found | undefined {
  const parsed = parseQuery(path)
  if (parsed === undefined) return undefined
  const { query, rest } = parsed
  const all = rest.startsWith('#')
  const tail = all ? rest.slice(1) : rest
  if (tail.startsWith('|')) return piped(select(values, query, { all, path: '' }), tail.slice(1))
  const [inner, after] = splitPipe(tail.replace(/^\./, ''))
  return piped(select(values, query, { all, path: inner }), after)
}

function select(values: Values, query: Query, { all, path }: { all: boolean; path: string }): Found | undefined {
  const inner = (value: Found) => (path === '' ? value : findPath(value.raw, path))
  if (all) return arrayOf(values(), (value) => (queryMatches(query, value, findPath) ? inner(value) : undefined))
  for (const value of values()) {
    if (queryMatches(query, value, findPath)) return inner(value)
  }
  return undefined
}

function arrayOf(values: Iterable<Found>, pick: (value: Found) => Found | undefined): Found {
  const raws: string[] = []
  for (const value of values) {
    const picked = pick(value)
    if (picked !== undefined) raws.push(picked.raw)
  }
  return { kind: 'json', raw: `[${raws.join(',')}]` }
}

function piped(value: Found | undefined, path: string | undefined): Found | undefined {
  return value === undefined || path === undefined ? value : findPath(value.raw, path)
}

interface Rest {
  readonly path: string
  /** After `|`, or before something that works on a whole value: `.@keys`, `.{a,b}`, `.[a]`, `.!1`. */
  readonly piped: boolean
}

/** The part before the first separator that is not escaped. */
function splitPath(path: string): { part: string; rest: Rest | undefined } {
  for (let index = 0; index < path.length; index += 1) {
    if (path[index] === '\\') index += 1
    else if (path[index] === '.' || path[index] === '|') {
      const after = path.slice(index + 1)
      const whole = path[index] === '|' || /^[[{!]/.test(after) || startsModifier(after)
      return { part: path.slice(0, index), rest: { path: after, piped: whole } }
    }
  }
  return { part: path, rest: undefined }
}

/** Splits at the first `|` that stands outside brackets and strings. */
function splitPipe(path: string): readonly [string, string | undefined] {
  let depth = 0
  let quoted = false
  for (let index = 0; index < path.length; index += 1) {
    const character = path[index] ?? ''
    if (character === '\\') index += 1
    else if (character === '"') quoted = !quoted
    else if (quoted) continue
    else if ('[({'.includes(character)) depth += 1
    else if ('])}'.includes(character)) depth -= 1
    else if (character === '|' && depth === 0) return [path.slice(0, index), path.slice(index + 1)]
  }
  return [path, undefined]
}

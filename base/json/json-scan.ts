/**
 * Reads JSON text in place and keeps every value's own spelling: `1.50` stays `1.50`. Forgiving, as gjson is: what
 * comes after the value that is looked for is never judged.
 */

export interface Found {
  readonly kind: 'string' | 'number' | 'true' | 'false' | 'null' | 'json'
  /** The text of the value as it stands in the document. */
  readonly raw: string
}

export interface Member {
  readonly key: string
  readonly value: Found
}

export function* members(json: string): Generator<Member> {
  let at = json.indexOf('{') + 1
  for (;;) {
    at = indexOfAny(json, at, keyOrEnd)
    if (at < 0 || json[at] === '}') return
    const keyEnd = stringEnd(json, at)
    const value = valueFrom(json, keyEnd, valueStart)
    if (value === undefined) return
    yield { key: unquoted(json.slice(at, keyEnd)), value: value.found }
    at = value.end
  }
}

export function* elements(json: string): Generator<Found> {
  yield* valuesFrom(json, json.indexOf('[') + 1)
}

/** JSON lines, or any values one after the other. */
export function* valuesFrom(json: string, start: number): Generator<Found> {
  let at = start
  for (;;) {
    const value = valueFrom(json, at, elementOrEnd)
    if (value === undefined) return
    yield value.found
    at = value.end
  }
}

/** The document as one value. */
export function documentOf(json: string): Found | undefined {
  return valueFrom(json, 0, valueStart)?.found
}

/** The text of a string literal. Broken escapes lose their backslash. */
export function unquoted(literal: string): string {
  const inner = literal.slice(1, literal.length > 1 && literal.endsWith('"') ? -1 : undefined)
  return inner.includes('\\') ? inner.replace(/\\(u[0-9a-fA-F]{4}|[^])/g, (_, code: string) => unescaped(code)) : inner
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

function unescaped(code: string): string {
  if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
  return shortEscapes.get(code) ?? code
}

const keyOrEnd = /["}]/g
const valueStart = /[[{"tfn\-+0-9]/g
const elementOrEnd = /[\][{"tfn\-+0-9]/g

function indexOfAny(json: string, from: number, pattern: RegExp): number {
  pattern.lastIndex = from
  return pattern.exec(json)?.index ?? -1
}

function valueFrom(json: string, from: number, start: RegExp): { found: Found; end: number } | undefined {
  const at = indexOfAny(json, from, start)
  const first = json[at]
  if (first === undefined || first === ']') return undefined
  const end =
    first === '"' ? stringEnd(json, at) : first === '{' || first === '[' ? closing(json, at) : wordEnd(json, at)
  return { found: { kind: kindOf(first), raw: json.slice(at, end) }, end }
}

function kindOf(first: string): Found['kind'] {
  if (first === '"') return 'string'
  if (first === '{' || first === '[') return 'json'
  if (first === 't') return 'true'
  if (first === 'f') return 'false'
  return first === 'n' ? 'null' : 'number'
}

/** The index after the closing quote of the string that starts at `at`. */
export function stringEnd(text: string, at: number): number {
  for (let index = at + 1; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1
    else if (text[index] === '"') return index + 1
  }
  return text.length
}

const bracketOrQuote = /["[\]{}()]/g

/** The index after the bracket that closes the one at `at`. */
export function closing(text: string, at: number): number {
  let depth = 0
  let index = at
  for (;;) {
    index = indexOfAny(text, index, bracketOrQuote)
    const found = text[index]
    if (found === undefined) return text.length
    if (found === '"') index = stringEnd(text, index)
    else {
      depth += found === '{' || found === '[' || found === '(' ? 1 : -1
      index += 1
      if (depth === 0) return index
    }
  }
}

/** How deep brackets are nested. */
export function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (let index = indexOfAny(text, 0, bracketOrQuote); index >= 0; index = indexOfAny(text, index, bracketOrQuote)) {
    const found = text[index]
    if (found === '"') index = stringEnd(text, index)
    else {
      depth += found === '{' || found === '[' ? 1 : found === '}' || found === ']' ? -1 : 0
      deepest = Math.max(deepest, depth)
      index += 1
    }
  }
  return deepest
}

function wordEnd(json: string, at: number): number {
  const end = indexOfAny(json, at, /[\s,\]}:]/g)
  return end < 0 ? json.length : end
}

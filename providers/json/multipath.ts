import { quoted } from '../../base/json/go-json.ts'
import { closing, documentOf, stringEnd, type Found } from '../../base/json/json-scan.ts'
import type { Find } from './query.ts'

/** `[a,b.c]` and `{a,"name":b.c}`: several paths of one document as a new array or object. */
export function multipath(json: string, path: string, find: Find): Found | undefined {
  const end = closing(path, 0)
  const rest = path.slice(end)
  if (rest !== '' && !/^[.|]/.test(rest)) return undefined
  const isObject = path.startsWith('{')
  const parts: string[] = []
  for (const { name, inner } of selectors(path.slice(1, end - 1))) {
    const found = find(json, inner)
    if (found !== undefined) parts.push(isObject ? `${name ?? nameOf(inner)}:${found.raw}` : found.raw)
  }
  const raw = isObject ? `{${parts.join(',')}}` : `[${parts.join(',')}]`
  return rest === '' ? { kind: 'json', raw } : find(raw, rest.slice(1))
}

/** `!"text"`, `!5`: the value itself, whatever the document holds. */
export function literal(path: string, find: Find): Found | undefined {
  const value = documentOf(path.slice(1))
  if (value === undefined) return undefined
  const rest = path.slice(path.indexOf(value.raw, 1) + value.raw.length)
  return rest.startsWith('.') || rest.startsWith('|') ? find(value.raw, rest.slice(1)) : value
}

interface Selector {
  readonly name: string | undefined
  readonly inner: string
}

function* selectors(text: string): Generator<Selector> {
  let start = 0
  let colon = -1
  let modifier = false
  for (let index = 0; index <= text.length; index += 1) {
    const character = text[index]
    if (character === undefined || character === ',') {
      yield selectorOf(text, { start, colon, end: index })
      start = index + 1
      colon = -1
      modifier = false
    } else if (character === '\\') index += 1
    else if (character === '"') index = stringEnd(text, index) - 1
    else if ('[({'.includes(character)) index = closing(text, index) - 1
    else if (character === '@') modifier = true
    else if (character === ':' && !modifier) colon = index
  }
}

function selectorOf(text: string, { start, colon, end }: { start: number; colon: number; end: number }): Selector {
  if (colon < 0) return { name: undefined, inner: text.slice(start, end) }
  const name = text.slice(start, colon)
  return { name: name.startsWith('"') ? name : quoted(name, 'html'), inner: text.slice(colon + 1, end) }
}

/** An unnamed member is called as the last part of its path. */
function nameOf(path: string): string {
  const last = path.slice(Math.max(path.lastIndexOf('.'), path.lastIndexOf('|')) + 1)
  return quoted(/^[^\p{Cc}[\]{}()#|!@"\\*?]+$/u.test(last) ? last : '_', 'html')
}

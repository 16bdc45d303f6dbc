import { isJson, quoted } from '../../base/json/go-json.ts'
import { textOf } from '../../base/json/found.ts'
import { closing, documentOf, elements, members, stringEnd, type Found } from '../../base/json/json-scan.ts'
import type { Find } from './query.ts'

type Modifier = (json: string, argument: string, find: Find) => string

export function startsModifier(path: string): boolean {
  const [, name = ''] = /^@([^.|:]*)/.exec(path) ?? []
  return modifiers.has(name)
}

/** `@name`, `@name:argument`, and what comes after it. */
export function applyModifier(json: string, path: string, find: Find): Found | undefined {
  const [head = '', name = ''] = /^@([^.|:]*)/.exec(path) ?? []
  const hasArgument = path[head.length] === ':'
  const start = head.length + (hasArgument ? 1 : 0)
  const end = hasArgument ? argumentEnd(path, start) : start
  const result = modifiers.get(name)?.(json, path.slice(start, end), find) ?? ''
  const rest = path.slice(end)
  return rest.startsWith('.') || rest.startsWith('|') ? find(result, rest.slice(1)) : documentOf(result)
}

function argumentEnd(path: string, start: number): number {
  if (path[start] === '"') return stringEnd(path, start)
  if (path[start] === '{' || path[start] === '[') return closing(path, start)
  const pipe = path.indexOf('|', start)
  return pipe < 0 ? path.length : pipe
}

const modifiers: ReadonlyMap<string, Modifier> = new Map<string, Modifier>([
  ['this', (json) => json],
  ['valid', (json) => (isJson(json) ? json : '')],
  ['ugly', (json) => compact(json)],
  ['pretty', (json) => (isJson(json) ? `${indented(json, '')}\n` : json)],
  ['reverse', reverse],
  ['keys', (json) => listOf(json, ({ key }) => quoted(key, 'html'))],
  ['values', (json) => (isArray(json) ? json : listOf(json, ({ value }) => value.raw))],
  ['flatten', flatten],
  ['join', join],
  ['tostr', (json) => quoted(json, 'html')],
  ['fromstr', (json) => (isJson(json) ? textOf(documentOf(json) ?? nothing) : '')],
  ['group', group],
  ['dig', (json, path, find) => `[${dug(json, path, { find, depth: 0 }).join(',')}]`],
])

const nothing: Found = { kind: 'null', raw: 'null' }

function isArray(json: string): boolean {
  return json.trimStart().startsWith('[')
}

function isObject(json: string): boolean {
  return json.trimStart().startsWith('{')
}

/** Without the blanks between tokens. */
function compact(json: string): string {
  return json.replace(/"(?:\\[^]|[^"\\])*"|\s+/g, (token) => (token.startsWith('"') ? token : ''))
}

function indented(json: string, margin: string): string {
  const inner = `${margin}  `
  const parts = isObject(json)
    ? [...members(json)].map(({ key, value }) => `${inner}${quoted(key)}: ${indented(value.raw, inner)}`)
    : isArray(json)
      ? [...elements(json)].map(({ raw }) => `${inner}${indented(raw, inner)}`)
      : undefined
  const text = json.trim()
  if (parts === undefined) return text
  return parts.length === 0
    ? text.charAt(0) + text.slice(-1)
    : `${text.charAt(0)}\n${parts.join(',\n')}\n${margin}${text.slice(-1)}`
}

function reverse(json: string): string {
  if (isArray(json))
    return `[${[...elements(json)]
      .map(({ raw }) => raw)
      .reverse()
      .join(',')}]`
  if (!isObject(json)) return json
  return `{${[...members(json)]
    .map(({ key, value }) => `${quoted(key)}:${value.raw}`)
    .reverse()
    .join(',')}}`
}

function listOf(json: string, part: (member: { key: string; value: Found }) => string): string {
  return isObject(json) ? `[${[...members(json)].map(part).join(',')}]` : '[]'
}

function flatten(json: string, argument: string): string {
  return isArray(json) && isJson(json) ? `[${flat(json, argument.includes('"deep":true'))}]` : json
}

function flat(json: string, deep: boolean): string {
  const parts = [...elements(json)].map(({ raw }) => {
    if (!isArray(raw)) return raw
    return deep ? flat(raw, deep) : [...elements(raw)].map((inner) => inner.raw).join(',')
  })
  return parts.filter((part) => part !== '').join(',')
}

/** Several objects as one: of a key given twice the last value wins, unless `preserve` keeps both. */
function join(json: string, argument: string): string {
  if (!isArray(json)) return json
  const all = [...elements(json)].filter(({ raw }) => isObject(raw)).flatMap(({ raw }) => [...members(raw)])
  const kept = argument.includes('"preserve":true')
    ? all
    : [...new Map(all.map((member) => [member.key, member])).values()]
  return `{${kept.map(({ key, value }) => `${quoted(key)}:${value.raw}`).join(',')}}`
}

/** An object of arrays as an array of objects. */
function group(json: string): string {
  if (!isObject(json)) return ''
  const rows: string[][] = []
  for (const { key, value } of members(json)) {
    if (!isArray(value.raw)) continue
    for (const [index, element] of [...elements(value.raw)].entries()) {
      rows[index] = [...(rows[index] ?? []), `${quoted(key)}:${element.raw}`]
    }
  }
  return `[${rows.map((row) => `{${row.join(',')}}`).join(',')}]`
}

/** What the path finds in this value and in every value below it. */
function dug(json: string, path: string, at: { find: Find; depth: number }): string[] {
  const here = at.find(json, path)
  const below = isObject(json) ? [...members(json)].map(({ value }) => value) : isArray(json) ? [...elements(json)] : []
  const deeper = at.depth < depthMax ? below.flatMap(({ raw }) => dug(raw, path, { ...at, depth: at.depth + 1 })) : []
  return here === undefined ? deeper : [here.raw, ...deeper]
}

const depthMax = 100

import { numberOf, textOf } from '../../base/json/found.ts'
import { globMatches, parseGlob } from './glob.ts'
import { closing, unquoted, type Found } from '../../base/json/json-scan.ts'

/** `path operator value` inside `#(...)`; without an operator the path only has to exist. */
export interface Query {
  readonly path: string
  readonly operator: Operator | undefined
  readonly value: string
}

type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '%' | '!%'
export type Find = (json: string, path: string) => Found | undefined

/** Of a path that starts with `#(` or `#[`; `undefined` when the bracket is never closed. */
export function parseQuery(path: string): { query: Query; rest: string } | undefined {
  const end = closing(path, 1)
  if (end === path.length && !/[)\]]$/.test(path)) return undefined
  const inner = path.slice(2, end - 1)
  const at = operatorAt(inner)
  const rest = path.slice(end)
  if (at === undefined) return { query: { path: inner.trim(), operator: undefined, value: '' }, rest }
  const [, sign = '', value = ''] = /^(==|!=|!%|<=|>=|[=<>%!])([^]*)$/.exec(inner.slice(at)) ?? []
  return { query: { path: inner.slice(0, at).trim(), operator: operators.get(sign), value: plain(value.trim()) }, rest }
}

const operators: ReadonlyMap<string, Operator> = new Map([
  ['==', '='],
  ['=', '='],
  ['!=', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['%', '%'],
  ['!%', '!%'],
])

/** The first operator outside brackets and strings. */
function operatorAt(inner: string): number | undefined {
  for (let index = 0; index < inner.length; index += 1) {
    const character = inner[index] ?? ''
    if ('!=<>%'.includes(character)) return index
    if (character === '\\') index += 1
    else if ('[({'.includes(character)) index = closing(inner, index) - 1
  }
  return undefined
}

function plain(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? unquoted(value) : value
}

export function queryMatches(query: Query, element: Found, find: Find): boolean {
  if (element.kind !== 'json' && query.path !== '') return false
  const value = query.path === '' ? element : find(element.raw, query.path)
  if (query.value.startsWith('~')) return truthMatches(query, value)
  if (value === undefined) return false
  return query.operator === undefined || compare(value, query.operator, query.value)
}

/** `~true`, `~false`, `~null`, `~*` compare what a value amounts to, also one that is not there. */
function truthMatches({ operator, value: wanted }: Query, value: Found | undefined): boolean {
  const test = truths.get(wanted)
  if (test === undefined) return false
  const truth: Found = test(value) ? { kind: 'true', raw: 'true' } : { kind: 'false', raw: 'false' }
  return operator === undefined || compare(truth, operator, 'true')
}

const truths: ReadonlyMap<string, (value: Found | undefined) => boolean> = new Map([
  ['~*', (value) => value !== undefined],
  ['~null', (value) => value === undefined || value.kind === 'null'],
  ['~true', (value) => truthOf(value) === true],
  ['~false', (value) => value === undefined || value.kind === 'null' || truthOf(value) === false],
])

function truthOf(value: Found | undefined): boolean | undefined {
  if (value === undefined || value.kind === 'null' || value.kind === 'json') return undefined
  if (value.kind === 'number') return numberOf(value.raw) !== 0
  const text = textOf(value).toLowerCase()
  if (['true', '1', 't'].includes(text)) return true
  return ['false', '0', 'f'].includes(text) ? false : undefined
}

function compare(value: Found, operator: Operator, wanted: string): boolean {
  if (value.kind === 'string') return compareText(textOf(value), operator, wanted)
  if (value.kind === 'number') return ordered(numberOf(value.raw), operator, numberOf(wanted))
  if (value.kind !== 'true' && value.kind !== 'false') return false
  if (operator === '=' || operator === '!=') return (value.kind === wanted) === (operator === '=')
  return ordered(Number(value.kind === 'true'), operator, Number(wanted === 'true'))
}

function compareText(text: string, operator: Operator, wanted: string): boolean {
  if (operator === '%') return globMatches(parseGlob(wanted), text)
  if (operator === '!%') return !globMatches(parseGlob(wanted), text)
  return ordered(text, operator, wanted)
}

function ordered<T extends string | number>(left: T, operator: Operator, right: T): boolean {
  switch (operator) {
    case '=':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    case '%':
    case '!%':
      return false
  }
}

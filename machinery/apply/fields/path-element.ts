import { ApplyError } from '../errors.ts'
import { compareTexts, compareValues } from './value-order.ts'
import { jsonText, valueMessage, valueText } from './value-text.ts'

/** One step of a path: a member of a map, an item of a list by its keys, by its value (a set) or by its place. */
export type PathElement = { readonly text: ElementText; readonly isStored?: true } & (
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'key'; readonly keys: readonly KeyField[] }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'index'; readonly index: number }
)

/** The member's name in FieldsV1, `f:spec`, `k:{"name":"a"}`. Equal elements have equal texts, and only they. */
export type ElementText = string

export interface KeyField {
  readonly name: string
  readonly value: unknown
}

export function fieldElement(name: string): PathElement {
  return { kind: 'field', text: `f:${name}`, name }
}

export function keyElement(fields: readonly KeyField[]): PathElement {
  const keys = fields.length < 2 ? fields : fields.toSorted((a, b) => compareTexts(a.name, b.name))
  const members = keys.map(({ name, value }) => `${jsonText(name)}:${valueText(value)}`)
  return { kind: 'key', text: `k:{${members.join(',')}}`, keys }
}

export function valueElement(value: unknown): PathElement {
  return { kind: 'value', text: `v:${valueText(value)}`, value }
}

/** Undefined for an element of a kind that nobody knows yet. Throws ApplyError. */
export function parseElement(text: string): PathElement | undefined {
  if (text.length < 2) throw new ApplyError(`key must be 2 characters long: ${text}`)
  if (text[1] !== ':') throw new ApplyError(`missing colon: ${text}`)
  const rest = text.slice(2)
  switch (text[0]) {
    case 'f':
      return { kind: 'field', text, name: rest }
    case 'k':
      return { ...keyElement(keyFields(rest)), isStored: true }
    case 'v':
      return { ...valueElement(jsonValue(rest)), isStored: true }
    case 'i':
      return indexElement(rest)
    default:
      return undefined
  }
}

/** Field names < keys < values < indexes; keys pair by pair, name before value. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0
  if (a.kind === 'field' && b.kind === 'field') return compareTexts(a.name, b.name)
  if (a.text === b.text) return 0
  if (a.kind === 'key' && b.kind === 'key') return compareKeys(a.keys, b.keys)
  if (a.kind === 'value' && b.kind === 'value') return compareValues(a.value, b.value)
  if (a.kind === 'index' && b.kind === 'index') return a.index - b.index
  return kindOrder[a.kind] - kindOrder[b.kind]
}

/** As messages print it: `.spec`, `[name="a"]`, `[="x"]`, `[3]`. */
export function elementMessage(element: PathElement): string {
  const isStored = element.isStored === true
  switch (element.kind) {
    case 'field':
      return `.${element.name}`
    case 'key':
      return `[${element.keys.map(({ name, value }) => `${name}=${valueMessage(value, isStored)}`).join(',')}]`
    case 'value':
      return `[=${valueMessage(element.value, isStored)}]`
    case 'index':
      return `[${element.index}]`
  }
}

const kindOrder = { field: 0, key: 1, value: 2, index: 3 } as const

function compareKeys(a: readonly KeyField[], b: readonly KeyField[]): number {
  const shared = Math.min(a.length, b.length)
  for (let index = 0; index < shared; index += 1) {
    const left = a[index]
    const right = b[index]
    if (left === undefined || right === undefined) break
    const order = compareTexts(left.name, right.name) || compareValues(left.value, right.value)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function keyFields(text: string): readonly KeyField[] {
  const value = jsonValue(text)
  if (value === null) return []
  if (typeof value !== 'object' || Array.isArray(value)) throw new ApplyError('the keys of an item are no object')
  return Object.entries(value).map(([name, member]: [string, unknown]) => ({ name, value: member }))
}

function indexElement(text: string): PathElement {
  if (!/^[-+]?\d+$/.test(text)) throw new ApplyError('the index of an item is no integer')
  const index = Number(text)
  return { kind: 'index', text: `i:${index}`, index }
}

function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes its input.
    throw new ApplyError('the value of an item is no JSON')
  }
}

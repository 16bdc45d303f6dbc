import { ProviderError } from '../errors.ts'
import { isJson, encodeAgain } from '../../base/json/go-json.ts'
import { typedEntries } from '../json/typed-entries.ts'
import { valueAt } from './json-path.ts'

/** What of an answer is the value of `data[]`: the text at the path (eso-inventory.md 4.10). */
export function textAt(body: Uint8Array, path: string): Uint8Array {
  if (path === '') return body
  const found = valueAt(documentOf(body), path)
  const value: unknown = Array.isArray(found) ? firstOf(found) : found
  return Buffer.from(textOf(value))
}

/** The members of the object at the path; of a text, the object in it. */
export function entriesAt(body: Uint8Array, path: string): ReadonlyMap<string, Uint8Array> {
  const found = path === '' ? documentOf(body) : valueAt(documentOf(body), path)
  const value = typeof found === 'string' ? parsed(found) : found
  return typedEntries(JSON.stringify(value))
}

function documentOf(body: Uint8Array): unknown {
  return parsed(Buffer.from(body).toString())
}

function parsed(text: string): unknown {
  if (!isJson(text)) throw new ProviderError('invalid-value', 'failed to parse response json: it is not JSON')
  return JSON.parse(text) as unknown
}

function firstOf(list: readonly unknown[]): unknown {
  if (list.length === 0) throw new ProviderError('invalid-value', "filter worked but didn't get any result")
  return list[0]
}

/** Numbers lose their decimals, as they do in the original. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return roundedText(value)
  if (typeof value === 'boolean') return String(value)
  if (value === null) return ''
  return encodeAgain(JSON.stringify(value), { escaping: 'html', numbers: 'float' })
}

/** As `%.0f` writes it: halves go to the even neighbour, and every digit of a big number is there. */
function roundedText(value: number): string {
  const below = Math.floor(value)
  const isHalf = value - below === 0.5
  const rounded = isHalf ? below + Math.abs(below % 2) : Math.round(value)
  return Number.isFinite(rounded) ? BigInt(rounded).toString() : String(value)
}

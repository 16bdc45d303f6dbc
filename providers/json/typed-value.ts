import { ProviderError } from '../errors.ts'
import { encodeFound, isJson, type JsonStyle } from './go-json.ts'
import { decimal, numberOf } from './found.ts'
import { documentOf, members, unquoted, type Found } from './json-scan.ts'

/**
 * The typed rule (eso-behaviour.md 3.6, 2): texts as they are, null as nothing, objects and lists as sorted JSON with
 * HTML escaping, numbers without an exponent.
 */
export function typedText(value: Found, numbers: JsonStyle['numbers'] = 'float'): string {
  if (value.kind === 'string') return unquoted(value.raw)
  if (value.kind === 'null') return ''
  if (value.kind !== 'number') return encodeFound(value, { escaping: 'html', numbers })
  return numbers === 'literal' ? value.raw : decimal(numberOf(value.raw))
}

export function typedEntries(json: string): ReadonlyMap<string, Uint8Array> {
  const found = isJson(json) ? documentOf(json) : undefined
  if (found?.kind === 'null') return new Map()
  if (!found?.raw.startsWith('{')) throw new ProviderError('invalid-value', 'the value is not a JSON object')
  return new Map([...members(json)].map(({ key, value }) => [key, Buffer.from(typedText(value))]))
}

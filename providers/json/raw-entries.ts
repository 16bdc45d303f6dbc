import { ProviderError } from '../errors.ts'
import { isJson } from '../../base/json/go-json.ts'
import { documentOf, members, unquoted, type Found } from '../../base/json/json-scan.ts'

/**
 * The raw JSON rule (eso-behaviour.md 3.6, 1): the members of a JSON object, texts unescaped, null as nothing,
 * everything else in its own spelling. `null` itself is an empty object. `name` tells the secret in the error.
 */
export function rawEntries(json: string, name?: string): ReadonlyMap<string, Uint8Array> {
  const found = isJson(json) ? documentOf(json) : undefined
  if (found?.kind === 'null') return new Map()
  if (!found?.raw.startsWith('{')) {
    const subject = name === undefined ? 'secret' : `secret ${name}`
    throw new ProviderError('invalid-value', `unable to unmarshal ${subject}: the value is not a JSON object`)
  }
  return new Map([...members(json)].map(({ key, value }) => [key, Buffer.from(rawText(value))]))
}

function rawText(value: Found): string {
  if (value.kind === 'string') return unquoted(value.raw)
  return value.kind === 'null' ? '' : value.raw
}

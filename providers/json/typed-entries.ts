import { isJson } from '../../base/json/go-json.ts'
import { documentOf, members } from '../../base/json/json-scan.ts'
import { typedText } from '../../base/json/typed-text.ts'
import { ProviderError } from '../errors.ts'

/** The members of a JSON object by the typed rule. */
export function typedEntries(json: string): ReadonlyMap<string, Uint8Array> {
  const found = isJson(json) ? documentOf(json) : undefined
  if (found?.kind === 'null') return new Map()
  if (!found?.raw.startsWith('{')) throw new ProviderError('invalid-value', 'the value is not a JSON object')
  return new Map([...members(json)].map(({ key, value }) => [key, Buffer.from(typedText(value))]))
}

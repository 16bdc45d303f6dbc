import { ProviderError } from '../errors.ts'
import { encodeAgain, type JsonStyle } from '../../base/json/go-json.ts'
import { members } from '../../base/json/json-scan.ts'
import { typedText } from '../../base/json/typed-text.ts'
import { typedEntries } from '../json/typed-entries.ts'
import { propertyByPath } from '../property.ts'
import type { RemoteSecret } from '../provider.ts'

/**
 * The data of a KV secret as JSON text. Numbers keep their digits until `entries` reads them as float64, as ESO does. A
 * property is the name of a member; where it is none and paths are allowed, it is a path.
 */
export function vaultValue(data: string, lookup: 'path' | 'member' = 'path'): RemoteSecret {
  const whole = encodeAgain(data, style)
  const value = (property: string | undefined): Uint8Array => {
    if (property === undefined || property === '') return Buffer.from(whole)
    const exact = [...members(whole)].find(({ key }) => key === property)
    if (exact !== undefined) return Buffer.from(typedText(exact.value, style.numbers))
    const found = lookup === 'path' ? propertyByPath(whole, property) : undefined
    if (found === undefined) throw new ProviderError('invalid-ref', `cannot find secret data for key: "${property}"`)
    return found
  }
  return {
    value,
    entries: (property) => typedEntries(Buffer.from(value(property)).toString()),
    sizeBytes: Buffer.byteLength(whole),
  }
}

const style: JsonStyle = { escaping: 'html', numbers: 'literal' }

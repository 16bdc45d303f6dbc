import { ProviderError } from '../errors.ts'
import { rawEntries } from '../json/raw-entries.ts'
import { propertyByNameOrPath } from '../property.ts'
import type { RemoteSecret } from '../provider.ts'

/** The payload of a secret, or the JSON of its tags. A property of what is not JSON is simply not there. */
export function awsValue(key: string, payload: Uint8Array): RemoteSecret {
  const value = (property: string | undefined): Uint8Array => {
    if (property === undefined || property === '') return payload
    const found = propertyByNameOrPath(Buffer.from(payload).toString(), property)
    if (found === undefined) throw new ProviderError('invalid-ref', `key ${property} does not exist in secret ${key}`)
    return found
  }
  return {
    value,
    entries: (property) => rawEntries(Buffer.from(value(property)).toString(), key),
    sizeBytes: payload.byteLength,
  }
}

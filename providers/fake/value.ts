import { ProviderError } from '../errors.ts'
import { propertyByPath } from '../property.ts'
import type { RemoteSecret } from '../provider.ts'
import { rawEntries } from '../json/raw-entries.ts'

/** Only this provider calls a missing property a missing secret, so that deletion policies can be tried with it. */
export function fakeValue(text: string): RemoteSecret {
  const value = (property: string | undefined): Uint8Array => {
    if (property === undefined || property === '') return Buffer.from(text)
    const found = propertyByPath(text, property)
    if (found === undefined) throw new ProviderError('secret-missing', 'Secret does not exist')
    return found
  }
  return {
    value,
    entries: (property) => rawEntries(Buffer.from(value(property)).toString()),
    sizeBytes: Buffer.byteLength(text),
  }
}

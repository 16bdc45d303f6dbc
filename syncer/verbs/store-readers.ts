import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { StoreRefreshSpec } from '../../kinds/verbs/store-refresh/kind.ts'
import { storeOf } from '../fetch.ts'
import type { ExternalSecrets } from '../known/external-secrets.ts'
import { storeKey, type StorePlace, storePlace } from '../stores/store-ref.ts'

/** The ExternalSecrets that read from the store: everything, one remote secret, or those below a prefix. */
export function keysReading(known: ExternalSecrets, place: StorePlace, which: StoreRefreshSpec): readonly string[] {
  const store = storeKey(place)
  return known.using(store).filter((key) => {
    const object = known.get(key)
    return object !== undefined && mayRead(object, store, which)
  })
}

/** A find may meet any name. */
function mayRead({ metadata, spec }: ExternalSecret, store: string, { remoteKey, prefix }: StoreRefreshSpec): boolean {
  if (remoteKey === undefined && prefix === undefined) return true
  return [...(spec.data ?? []), ...(spec.dataFrom ?? [])].some((entry) => {
    if (storeKey(storePlace(storeOf(spec, entry), metadata.namespace ?? '')) !== store) return false
    const name = 'remoteRef' in entry ? entry.remoteRef.key : entry.extract?.key
    return name === undefined || name === remoteKey || (prefix !== undefined && name.startsWith(prefix))
  })
}

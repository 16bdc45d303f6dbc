import type { ExternalSecret, ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'
import type { StoreRef } from '../fetch.ts'

export type StoreKind = 'SecretStore' | 'ClusterSecretStore'

/** Which store a reference means. */
export interface StorePlace {
  readonly kind: StoreKind
  /** '' for a ClusterSecretStore. */
  readonly namespace: string
  readonly name: string
}

export function storePlace({ kind = 'SecretStore', name = '' }: StoreRef, namespace: string): StorePlace {
  return { kind, namespace: kind === 'SecretStore' ? namespace : '', name }
}

export function storeKey({ kind, namespace, name }: StorePlace): string {
  return `${kind}/${namespace}/${name}`
}

/** The stores that the ExternalSecret names, in ESO's order: its own, those of data, those of dataFrom. */
export function storePlacesOf({ metadata, spec }: ExternalSecret): readonly StorePlace[] {
  const { secretStoreRef, data, dataFrom } = spec
  const namespace = metadata.namespace ?? ''
  const places = secretStoreRef?.name === undefined ? [] : [storePlace(secretStoreRef, namespace)]
  if (data !== undefined) addPlaces(places, data, namespace)
  if (dataFrom !== undefined) addPlaces(places, dataFrom, namespace)
  return places
}

type Entry = NonNullable<ExternalSecretSpec['data'] | ExternalSecretSpec['dataFrom']>[number]

function addPlaces(places: StorePlace[], entries: readonly Entry[], namespace: string): void {
  for (const { sourceRef } of entries) {
    if (sourceRef?.storeRef !== undefined) places.push(storePlace(sourceRef.storeRef, namespace))
  }
}

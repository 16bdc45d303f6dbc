import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
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
  const own = spec.secretStoreRef?.name === undefined ? [] : [spec.secretStoreRef]
  const entries = [...(spec.data ?? []), ...(spec.dataFrom ?? [])]
  const refs = [...own, ...entries.flatMap(({ sourceRef }) => sourceRef?.storeRef ?? [])]
  return refs.map((ref) => storePlace(ref, metadata.namespace ?? ''))
}

import type { KubeObject } from '../../machinery/object.ts'
import type { ExternalSecret, ExternalSecretSpec } from './v1.ts'

type StoreRef = NonNullable<ExternalSecretSpec['secretStoreRef']>
type SourceRef = NonNullable<NonNullable<ExternalSecretSpec['dataFrom']>[number]['sourceRef']>

/** What the syncer takes for granted where an ExternalSecret says nothing and the original's schema has no default. */
export function implied(object: KubeObject): KubeObject {
  const { metadata, spec } = object as Partial<ExternalSecret> & KubeObject
  if (spec === undefined) return object
  const { data, dataFrom, secretStoreRef, target } = spec
  const whole: ExternalSecretSpec = {
    ...spec,
    refreshPolicy: spec.refreshPolicy ?? 'Periodic',
    target: { ...target, name: target?.name || (metadata.name ?? '') },
    ...(secretStoreRef && { secretStoreRef: withKind(secretStoreRef) }),
    ...(data && { data: data.map(withStore) }),
    ...(dataFrom && { dataFrom: dataFrom.map(withStore) }),
  }
  return { ...object, spec: whole }
}

function withStore<E extends { readonly sourceRef?: SourceRef }>(entry: E): E {
  const { storeRef } = entry.sourceRef ?? {}
  return storeRef === undefined ? entry : { ...entry, sourceRef: { ...entry.sourceRef, storeRef: withKind(storeRef) } }
}

function withKind(ref: StoreRef): StoreRef {
  return { ...ref, kind: ref.kind ?? 'SecretStore' }
}

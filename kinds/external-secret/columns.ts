import type { Column, SelectableField } from '../../apiserver/registry/kind.ts'
import type { JsonValue } from '../../machinery/object.ts'
import { readyColumn, readyFields, statusColumn } from '../shared/columns.ts'
import type { ExternalSecret } from './v1.ts'

/** As `kubectl get` shows ExternalSecrets of the original. */
export const columns: readonly Column[] = [
  column('StoreType', 'The kind of the store.', ({ spec }) => spec?.secretStoreRef?.kind),
  column('Store', 'The name of the store.', ({ spec }) => spec?.secretStoreRef?.name),
  column('Refresh Interval', 'How often the provider is asked.', ({ spec }) => spec?.refreshInterval),
  statusColumn,
  readyColumn,
  {
    name: 'Last Sync',
    type: 'date',
    description: 'When the provider was last asked.',
    value: (object, live) => live.lastSyncTime(object.metadata.uid ?? '') ?? partial(object).status?.refreshTime,
  },
]

/**
 * Compared with the effective object, so that what holds is found also where it was not said: an interval or a policy
 * by default, a store of the kind SecretStore, a target Secret of the same name. The first four are the original's.
 */
export const selectableFields: readonly SelectableField[] = [
  field('spec.secretStoreRef.name', ({ spec }) => spec?.secretStoreRef?.name),
  field('spec.secretStoreRef.kind', ({ spec }) => spec?.secretStoreRef && (spec.secretStoreRef.kind || 'SecretStore')),
  field('spec.target.name', ({ spec, metadata }) => spec?.target?.name || metadata?.name),
  field('spec.refreshInterval', ({ spec }) => spec?.refreshInterval),
  field('spec.refreshPolicy', ({ spec }) => spec?.refreshPolicy ?? 'Periodic'),
  ...readyFields,
]

function field(path: string, value: (object: Partial<ExternalSecret>) => string | undefined): SelectableField {
  return { path, value: (object) => value(partial(object)) ?? '' }
}

function column(
  name: string,
  description: string,
  value: (object: Partial<ExternalSecret>) => JsonValue | undefined,
): Column {
  return { name, type: 'string', description, value: (object) => value(partial(object)) }
}

/** Even an object that validation would refuse today can be in the store. */
function partial(object: Partial<ExternalSecret>): Partial<ExternalSecret> {
  return object
}

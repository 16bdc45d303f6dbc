import type { Column, SelectableField } from '../../apiserver/registry/kind.ts'
import type { JsonValue } from '../../machinery/object.ts'
import { readyColumn, statusColumn } from '../shared/columns.ts'
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

/** Compared with the effective object, so that a default is found by its text. */
export const selectableFields: readonly SelectableField[] = [
  { path: 'spec.secretStoreRef.name', value: (object) => partial(object).spec?.secretStoreRef?.name ?? '' },
  { path: 'spec.secretStoreRef.kind', value: (object) => partial(object).spec?.secretStoreRef?.kind ?? '' },
  { path: 'spec.target.name', value: (object) => partial(object).spec?.target?.name ?? '' },
  { path: 'spec.refreshInterval', value: (object) => partial(object).spec?.refreshInterval ?? '' },
]

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

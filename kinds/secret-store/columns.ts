import type { Column, SelectableField } from '../../apiserver/registry/kind.ts'
import { ageColumn } from '../shared/age-column.ts'
import { readyColumn, readyFields, statusColumn } from '../shared/columns.ts'
import type { SecretStore } from './v1.ts'

/** As `kubectl get` shows stores of the original. */
export const columns: readonly Column[] = [
  { ...ageColumn, name: 'AGE' },
  statusColumn,
  {
    name: 'Capabilities',
    type: 'string',
    description: 'Whether the provider can be read, written or both.',
    value: (object) => (object as SecretStore).status?.capabilities,
  },
  readyColumn,
]

/** `spec.provider` is the name of the provider, whatever is said below it. */
export const selectableFields: readonly SelectableField[] = [
  { path: 'spec.provider', value: (object) => Object.keys(partial(object).spec?.provider ?? {})[0] ?? '' },
  { path: 'spec.controller', value: (object) => partial(object).spec?.controller ?? '' },
  ...readyFields,
]

/** Even an object that validation would refuse today can be in the store. */
function partial(object: Partial<SecretStore>): Partial<SecretStore> {
  return object
}

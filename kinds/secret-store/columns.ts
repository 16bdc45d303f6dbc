import type { Column } from '../../apiserver/registry/kind.ts'
import { ageColumn } from '../shared/age-column.ts'
import { readyColumn, statusColumn } from '../shared/columns.ts'
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

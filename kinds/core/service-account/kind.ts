import { defineKind } from '../../../apiserver/registry/kind.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { serviceAccountMessage } from './message.ts'
import { type ServiceAccount, serviceAccountV1 } from './v1.ts'

export const serviceAccount = defineKind({
  group: '',
  names: { kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'] },
  scope: 'namespaced',
  versions: { v1: { schema: serviceAccountV1, protobuf: serviceAccountMessage } },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  columns: [
    {
      name: 'Secrets',
      type: 'string',
      description: 'How many Secrets pods of this account may use.',
      value: (object) => (object as ServiceAccount).secrets?.length ?? 0,
    },
    ageColumn,
  ],
  strategicMergeKeys: { secrets: 'name' },
})

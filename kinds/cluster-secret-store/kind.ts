import { defineKind } from '../../apiserver/registry/kind.ts'
import { columns, selectableFields } from '../secret-store/columns.ts'
import { references } from '../secret-store/references.ts'
import { validations } from '../secret-store/validate.ts'
import { storeVersions } from '../secret-store/versions.ts'

export const clusterSecretStore = defineKind({
  group: 'external-secrets.io',
  names: {
    kind: 'ClusterSecretStore',
    plural: 'clustersecretstores',
    shortNames: ['css'],
    categories: ['external-secrets'],
  },
  scope: 'cluster',
  versions: storeVersions('ClusterSecretStore'),
  storageVersion: 'v1',
  subresources: ['status'],
  defaults: 'virtual',
  columns,
  selectableFields,
  references,
  validate: validations,
})

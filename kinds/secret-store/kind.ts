import { defineKind } from '../../apiserver/registry/kind.ts'
import { columns, selectableFields } from './columns.ts'
import { references } from './references.ts'
import { validations } from './validate.ts'
import { storeVersions } from './versions.ts'

export const secretStore = defineKind({
  group: 'external-secrets.io',
  names: { kind: 'SecretStore', plural: 'secretstores', shortNames: ['ss'], categories: ['external-secrets'] },
  scope: 'namespaced',
  versions: storeVersions('SecretStore'),
  storageVersion: 'v1',
  subresources: ['status'],
  defaults: 'virtual',
  columns,
  selectableFields,
  references,
  validate: validations,
})

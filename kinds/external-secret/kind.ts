import { defineKind } from '../../apiserver/registry/kind.ts'
import { deprecationOf } from '../shared/deprecation.ts'
import { columns, selectableFields } from './columns.ts'
import { implied } from './implied.ts'
import { references } from './references.ts'
import { externalSecretV1 } from './v1.ts'
import { externalSecretV1alpha1, v1alpha1Conversion } from './v1alpha1.ts'
import { externalSecretV1beta1, v1beta1Conversion } from './v1beta1.ts'
import { validations } from './validate.ts'

export const externalSecret = defineKind({
  group: 'external-secrets.io',
  names: {
    kind: 'ExternalSecret',
    plural: 'externalsecrets',
    shortNames: ['es'],
    categories: ['external-secrets'],
  },
  scope: 'namespaced',
  versions: {
    v1: { schema: externalSecretV1 },
    v1beta1: {
      schema: externalSecretV1beta1,
      conversion: v1beta1Conversion,
      deprecationWarning: deprecationOf('v1beta1', 'ExternalSecret'),
    },
    v1alpha1: {
      schema: externalSecretV1alpha1,
      conversion: v1alpha1Conversion,
      deprecationWarning: deprecationOf('v1alpha1', 'ExternalSecret'),
    },
  },
  storageVersion: 'v1',
  subresources: ['status', 'effective'],
  defaults: 'virtual',
  columns,
  selectableFields,
  references,
  implied,
  validate: validations,
})

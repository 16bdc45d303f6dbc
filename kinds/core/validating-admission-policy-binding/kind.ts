import { defineKind } from '../../../apiserver/registry/kind.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { group } from '../admission-parts.ts'
import { validatingAdmissionPolicyBindingV1 } from './v1.ts'

export const validatingAdmissionPolicyBinding = defineKind({
  group,
  names: {
    kind: 'ValidatingAdmissionPolicyBinding',
    plural: 'validatingadmissionpolicybindings',
    categories: ['api-extensions'],
  },
  scope: 'cluster',
  versions: { v1: { schema: validatingAdmissionPolicyBindingV1 } },
  storageVersion: 'v1',
  defaults: 'stored',
  columns: [ageColumn],
  strategicMergeKeys: {},
})

import { defineKind } from '../../../apiserver/registry/kind.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { group } from '../admission-parts.ts'
import { selectorsAt } from '../selectors.ts'
import { mutatingAdmissionPolicyBindingV1 } from './v1.ts'

export const mutatingAdmissionPolicyBinding = defineKind({
  group,
  names: {
    kind: 'MutatingAdmissionPolicyBinding',
    plural: 'mutatingadmissionpolicybindings',
    categories: ['api-extensions'],
  },
  scope: 'cluster',
  versions: { v1: { schema: mutatingAdmissionPolicyBindingV1 } },
  storageVersion: 'v1',
  defaults: 'stored',
  columns: [ageColumn],
  strategicMergeKeys: {},
  validate: [
    selectorsAt(
      'spec.matchResources.namespaceSelector',
      'spec.matchResources.objectSelector',
      'spec.paramRef.selector',
    ),
  ],
})

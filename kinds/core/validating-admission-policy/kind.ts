import { defineKind } from '../../../apiserver/registry/kind.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { group } from '../admission-parts.ts'
import { selectorsAt } from '../selectors.ts'
import { validatingAdmissionPolicyV1 } from './v1.ts'

export const validatingAdmissionPolicy = defineKind({
  group,
  names: { kind: 'ValidatingAdmissionPolicy', plural: 'validatingadmissionpolicies', categories: ['api-extensions'] },
  scope: 'cluster',
  versions: { v1: { schema: validatingAdmissionPolicyV1 } },
  storageVersion: 'v1',
  defaults: 'stored',
  columns: [ageColumn],
  strategicMergeKeys: {},
  validate: [selectorsAt('spec.matchConstraints.namespaceSelector', 'spec.matchConstraints.objectSelector')],
})

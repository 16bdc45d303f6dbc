import { defineKind, type ValidationResult } from '../../../apiserver/registry/kind.ts'
import { invalidField } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { group } from '../admission-parts.ts'
import { selectorsAt } from '../selectors.ts'
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
  validate: [
    { name: 'actions', check: checkActions },
    selectorsAt(
      'spec.matchResources.namespaceSelector',
      'spec.matchResources.objectSelector',
      'spec.paramRef.selector',
    ),
  ],
})

/** Who denies has no need to warn. */
function checkActions(object: KubeObject): ValidationResult {
  const { validationActions: actions = [] } = (object['spec'] ?? {}) as {
    readonly validationActions?: readonly string[]
  }
  if (!actions.includes('Deny') || !actions.includes('Warn')) return { errors: [] }
  const repeated = 'repeating the same validation failure information in the API response and headers serves no purpose'
  const why = `must not contain both Deny and Warn (${repeated})`
  return { errors: [invalidField('spec.validationActions', actions, why)] }
}

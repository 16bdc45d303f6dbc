import { defineKind, type ValidationResult } from '../../../apiserver/registry/kind.ts'
import { type FieldError, forbiddenField, invalidField } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { ageColumn } from '../../shared/age-column.ts'
import { leaseMessage } from './message.ts'
import { type Lease, leaseV1 } from './v1.ts'

export const lease = defineKind({
  group: 'coordination.k8s.io',
  names: { kind: 'Lease', plural: 'leases' },
  scope: 'namespaced',
  versions: { v1: { schema: leaseV1, protobuf: leaseMessage } },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  columns: [
    {
      name: 'Holder',
      type: 'string',
      description: 'Who holds the lease.',
      value: (object) => (object as Lease).spec?.holderIdentity ?? '',
    },
    ageColumn,
  ],
  strategicMergeKeys: {},
  validate: [{ name: 'lease', check: checkLease }],
})

function checkLease(object: KubeObject): ValidationResult {
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions, ...spec } = (object as Lease).spec ?? {}
  const errors: FieldError[] = []
  if (seconds !== undefined && seconds <= 0) {
    errors.push(invalidField('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
  }
  if (transitions !== undefined && transitions < 0) {
    errors.push(invalidField('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'))
  }
  if (spec.preferredHolder !== undefined && spec.strategy === undefined) {
    errors.push(forbiddenField('spec.preferredHolder', 'may only be specified if `spec.strategy` is defined'))
  }
  return { errors }
}

import { array, object, oneOf, required, string } from '../../../machinery/schema/builder.ts'
import {
  failurePolicy,
  matchConditions,
  matchResources,
  paramKind,
  reinvocationPolicy,
  variables,
} from '../admission-parts.ts'

export const mutatingAdmissionPolicyV1 = object('A policy that changes what is written.', {
  spec: required(
    object('What it changes, and how.', {
      paramKind,
      matchConstraints: required(matchResources),
      matchConditions,
      failurePolicy,
      variables,
      reinvocationPolicy: required(reinvocationPolicy),
      mutations: required(
        array(
          'The changes, in order.',
          object('A change.', {
            patchType: required(oneOf('How it is said.', ['ApplyConfiguration', 'JSONPatch'])),
            applyConfiguration: object('Fields to be merged.', { expression: string('In CEL: an Object.') }),
            jsonPatch: object('Operations.', { expression: string('In CEL: a list of JSONPatch.') }),
          }),
          { minItems: 1, 'x-kubernetes-list-type': 'atomic' },
        ),
      ),
    }),
  ),
})

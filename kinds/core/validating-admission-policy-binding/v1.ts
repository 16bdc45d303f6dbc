import { array, object, oneOf, required, string } from '../../../machinery/schema/builder.ts'
import { matchResources, paramRef } from '../admission-parts.ts'

export const validatingAdmissionPolicyBindingV1 = object('Puts a policy to work.', {
  spec: required(
    object('Which policy, on what, with which parameters.', {
      policyName: required(string('The name of the policy.', { minLength: 1 })),
      paramRef,
      matchResources,
      validationActions: required(
        array('What a violation leads to.', oneOf('An action.', ['Deny', 'Warn', 'Audit']), {
          minItems: 1,
          'x-kubernetes-list-type': 'set',
        }),
      ),
    }),
  ),
})

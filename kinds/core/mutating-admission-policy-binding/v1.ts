import { object, required, string } from '../../../machinery/schema/builder.ts'
import { matchResources, paramRef } from '../admission-parts.ts'

export const mutatingAdmissionPolicyBindingV1 = object('Puts a policy to work.', {
  spec: required(
    object('Which policy, on what, with which parameters.', {
      policyName: required(string('The name of the policy.', { minLength: 1 })),
      paramRef,
      matchResources,
    }),
  ),
})

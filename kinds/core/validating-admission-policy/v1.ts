import { array, object, required, string } from '../../../machinery/schema/builder.ts'
import { failurePolicy, matchConditions, matchResources, paramKind, variables } from '../admission-parts.ts'

export const validatingAdmissionPolicyV1 = object('A policy that judges writes by expressions.', {
  spec: required(
    object('What it judges, and how.', {
      paramKind,
      matchConstraints: required(matchResources),
      matchConditions,
      failurePolicy,
      variables,
      validations: array(
        'What has to hold.',
        object('An expression.', {
          expression: required(string('In CEL; true lets the write pass.')),
          message: string('Told when it does not hold.'),
          messageExpression: string('In CEL; told instead of the message.'),
          reason: string('Unauthorized, Forbidden, Invalid or RequestEntityTooLarge.'),
        }),
        { 'x-kubernetes-list-type': 'atomic' },
      ),
      auditAnnotations: array(
        'What is told to the audit trail.',
        object('An annotation.', {
          key: required(string('The end of its name.')),
          valueExpression: required(string('In CEL: a string, or null for none.')),
        }),
        { 'x-kubernetes-list-type': 'atomic' },
      ),
    }),
  ),
})

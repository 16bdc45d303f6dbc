import { defineKind } from '../../../../apiserver/registry/kind.ts'
import type { KubeObject } from '../../../../machinery/object.ts'
import { message, text } from '../../../../machinery/protobuf/fields.ts'
import { badRequest } from '../../../../machinery/status-errors.ts'
import { array, boolean, object, required, string } from '../../../../machinery/schema/builder.ts'

const verbs = required(array('What may be done.', string('One verb.')))

const status = object('The answer.', {
  evaluationError: string('What went wrong on the way.'),
  incomplete: required(boolean('Whether there may be more.')),
  nonResourceRules: required(
    array(
      'What may be done with paths.',
      object('One rule.', { nonResourceURLs: array('The paths.', string('One path.')), verbs }),
    ),
  ),
  resourceRules: required(
    array(
      'What may be done with resources.',
      object('One rule.', {
        apiGroups: array('The groups.', string('One group.')),
        resourceNames: array('The names; all when empty.', string('One name.')),
        resources: array('The resources.', string('One resource.')),
        verbs,
      }),
    ),
  ),
})

/** `kubectl auth can-i --list`. */
export const selfSubjectRulesReview = defineKind({
  group: 'authorization.k8s.io',
  names: { kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews' },
  scope: 'cluster',
  versions: {
    v1: {
      schema: object('SelfSubjectRulesReview asks what who asks may do in a namespace.', {
        spec: required(object('The question.', { namespace: string('The namespace.') })),
        status,
      }),
      // The numbers of k8s.io/api/authorization/v1/generated.proto.
      protobuf: { spec: message(2, { namespace: text(1) }) },
    },
  },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  review: {
    answer: async (asked, { user, powers }) => {
      const namespace = namespaceOf(asked)
      if (namespace === '') throw badRequest('no namespace on request')
      const rules = powers.rulesOf(user, namespace)
      const nonResourceRules = rules.filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
      const resourceRules = rules.filter(({ nonResourceURLs = [] }) => nonResourceURLs.length === 0)
      return { ...asked, status: { incomplete: false, nonResourceRules, resourceRules } }
    },
  },
})

function namespaceOf(asked: KubeObject): string {
  return (asked['spec'] as { namespace?: string } | undefined)?.namespace ?? ''
}

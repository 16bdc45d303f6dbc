import { type Asking, defineKind } from '../../../../apiserver/registry/kind.ts'
import { invalidField } from '../../../../machinery/field-error.ts'
import type { KubeObject } from '../../../../machinery/object.ts'
import { object, required } from '../../../../machinery/schema/builder.ts'
import { accessAnswer, accessStatus, subjectMessage, specOf, subjectAttributes, subjectErrors } from '../access.ts'

/** The same within one namespace, so that its administrators may ask. */
export const localSubjectAccessReview = defineKind({
  group: 'authorization.k8s.io',
  names: { kind: 'LocalSubjectAccessReview', plural: 'localsubjectaccessreviews' },
  scope: 'namespaced',
  versions: {
    v1: {
      schema: object('LocalSubjectAccessReview asks whether somebody may do something in a namespace.', {
        spec: required(object('The question.', subjectAttributes)),
        status: accessStatus,
      }),
      protobuf: subjectMessage,
    },
  },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  validate: [
    { name: 'question', check: (object) => ({ errors: [...subjectErrors(specOf(object)), ...placeErrors(object)] }) },
  ],
  review: { answer },
})

/** Nobody asks about another namespace through one where he may. */
function placeErrors(object: KubeObject) {
  const { resourceAttributes, nonResourceAttributes } = specOf(object)
  if (nonResourceAttributes !== undefined) {
    const text = 'disallowed on this kind of request'
    return [invalidField('spec.nonResourceAttributes', nonResourceAttributes, text)]
  }
  const { namespace } = object.metadata
  const asked = resourceAttributes?.namespace ?? ''
  if (resourceAttributes === undefined || asked === namespace) return []
  return [invalidField('spec.resourceAttributes.namespace', asked, `must match metadata.namespace`)]
}

function answer(asked: KubeObject, asking: Asking): Promise<KubeObject> {
  const { user = '', groups = [], ...others } = specOf(asked)
  return accessAnswer(asked, asking, { ...others, user, groups })
}

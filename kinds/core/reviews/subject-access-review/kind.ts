import { defineKind } from '../../../../apiserver/registry/kind.ts'
import { object, required } from '../../../../machinery/schema/builder.ts'
import { accessAnswer, accessStatus, subjectMessage, specOf, subjectAttributes, subjectErrors } from '../access.ts'

/** What a server behind this one would ask of it. */
export const subjectAccessReview = defineKind({
  group: 'authorization.k8s.io',
  names: { kind: 'SubjectAccessReview', plural: 'subjectaccessreviews' },
  scope: 'cluster',
  versions: {
    v1: {
      schema: object('SubjectAccessReview asks whether somebody may do something.', {
        spec: required(object('The question.', subjectAttributes)),
        status: accessStatus,
      }),
      protobuf: subjectMessage,
    },
  },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  validate: [{ name: 'question', check: (object) => ({ errors: subjectErrors(specOf(object)) }) }],
  review: {
    answer: (asked, asking) => {
      const { user = '', groups = [], ...others } = specOf(asked)
      return accessAnswer(asked, asking, { ...others, user, groups })
    },
  },
})

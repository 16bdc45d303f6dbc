import { defineKind } from '../../../../apiserver/registry/kind.ts'
import { object, required } from '../../../../machinery/schema/builder.ts'
import { accessAnswer, accessStatus, attributeMessage, attributeErrors, attributes, specOf } from '../access.ts'

/** `kubectl auth can-i`. */
export const selfSubjectAccessReview = defineKind({
  group: 'authorization.k8s.io',
  names: { kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews' },
  scope: 'cluster',
  versions: {
    v1: {
      schema: object('SelfSubjectAccessReview asks whether who asks may do something.', {
        spec: required(object('The question.', attributes)),
        status: accessStatus,
      }),
      protobuf: attributeMessage,
    },
  },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  validate: [{ name: 'question', check: (object) => ({ errors: attributeErrors(specOf(object)) }) }],
  review: {
    answer: (asked, asking) => {
      const { username: user, ...others } = asking.user
      return accessAnswer(asked, asking, { user, ...others })
    },
  },
})

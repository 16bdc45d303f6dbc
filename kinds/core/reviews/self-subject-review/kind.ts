import { defineKind } from '../../../../apiserver/registry/kind.ts'
import { object } from '../../../../machinery/schema/builder.ts'
import { userInfo } from '../user-info.ts'

/** `kubectl auth whoami`. */
export const selfSubjectReview = defineKind({
  group: 'authentication.k8s.io',
  names: { kind: 'SelfSubjectReview', plural: 'selfsubjectreviews' },
  scope: 'cluster',
  versions: {
    v1: {
      schema: object('SelfSubjectReview asks who asks.', {
        status: object('The answer.', { userInfo }),
      }),
      protobuf: {},
    },
  },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  review: { answer: async (asked, { user }) => ({ ...asked, status: { userInfo: user } }) },
})

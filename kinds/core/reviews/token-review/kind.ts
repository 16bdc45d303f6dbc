import { defineKind } from '../../../../apiserver/registry/kind.ts'
import type { KubeObject } from '../../../../machinery/object.ts'
import { message, text, texts } from '../../../../machinery/protobuf/fields.ts'
import { badRequest } from '../../../../machinery/status-errors.ts'
import { array, boolean, type Infer, object, required, string } from '../../../../machinery/schema/builder.ts'
import { userInfo } from '../user-info.ts'

const spec = object('The question.', {
  audiences: array('Whom the token should be for, one of them; this server when absent.', string('One audience.')),
  token: string('The token.'),
})

/** Whose token it is. */
export const tokenReview = defineKind({
  group: 'authentication.k8s.io',
  names: { kind: 'TokenReview', plural: 'tokenreviews' },
  scope: 'cluster',
  versions: {
    v1: {
      schema: object('TokenReview asks whose token it is.', {
        spec: required(spec),
        status: object('The answer.', {
          audiences: array('Those of the audiences that the token is for.', string('One audience.')),
          authenticated: boolean('Whether the token means anybody.'),
          error: string('Why it cannot be told.'),
          user: userInfo,
        }),
      }),
      // The numbers of k8s.io/api/authentication/v1/generated.proto.
      protobuf: { spec: message(2, { token: text(1), audiences: texts(2) }) },
    },
  },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  review: {
    answer: async (asked, { powers }) => {
      const { token, audiences = [] } = specOf(asked)
      if (!token) throw badRequest('token is required for TokenReview in authentication')
      const found = await powers.reviewToken(token, audiences)
      const status =
        found === undefined ? { user: {}, error: 'invalid bearer token' } : { authenticated: true, ...found }
      return { ...asked, status }
    },
  },
})

function specOf(object: KubeObject): Infer<typeof spec> {
  return object['spec'] ?? {}
}

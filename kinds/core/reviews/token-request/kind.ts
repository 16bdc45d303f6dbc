import { type Asking, defineKind } from '../../../../apiserver/registry/kind.ts'
import { type FieldError, forbiddenField, invalidField } from '../../../../machinery/field-error.ts'
import type { KubeObject } from '../../../../machinery/object.ts'
import { formatTime } from '../../../../machinery/time.ts'
import { message, optionalInteger, text, texts } from '../../../../machinery/protobuf/fields.ts'
import { array, type Infer, integer, object, required, string } from '../../../../machinery/schema/builder.ts'

const spec = object('What the token is to be.', {
  audiences: array('Whom it is for; this server when empty.', string('One audience.')),
  boundObjectRef: object('An object that the token ends with.', {
    apiVersion: string('The API version of the object.'),
    kind: string('The kind of the object.'),
    name: string('The name of the object.'),
    uid: string('The UID of the object.'),
  }),
  expirationSeconds: integer('How long it is valid.', { format: 'int64', default: 3600 }),
})

/** The numbers of k8s.io/api/authentication/v1/generated.proto. */
const specMessage = message(2, {
  audiences: texts(1),
  boundObjectRef: message(3, { kind: text(1), apiVersion: text(2), name: text(3), uid: text(4) }),
  expirationSeconds: optionalInteger(4),
})

/** `kubectl create token`: asked at the ServiceAccount whose token it is. */
export const tokenRequest = defineKind({
  group: 'authentication.k8s.io',
  names: { kind: 'TokenRequest', plural: 'tokenrequests' },
  scope: 'namespaced',
  versions: {
    v1: {
      schema: object('TokenRequest asks for a token of a ServiceAccount.', {
        spec: required(spec),
        status: object('The answer.', {
          expirationTimestamp: string('When it ends.', { format: 'date-time' }),
          token: string('The token.'),
        }),
      }),
      protobuf: { spec: specMessage },
    },
  },
  storageVersion: 'v1',
  defaults: 'stored',
  generation: 'none',
  validate: [{ name: 'token', check: (object) => ({ errors: errorsOf(specOf(object)) }) }],
  review: {
    at: [{ group: '', version: 'v1', resource: 'serviceaccounts', subresource: 'token', scope: 'namespaced' }],
    answer,
  },
})

const secondsMin = 600
const secondsMax = 2 ** 32

function errorsOf({ boundObjectRef, expirationSeconds: seconds = 3600 }: Infer<typeof spec>): readonly FieldError[] {
  const field = 'spec.expirationSeconds'
  return [
    ...(boundObjectRef === undefined
      ? []
      : [forbiddenField('spec.boundObjectRef', 'tokens are bound to accounts alone')]),
    ...(seconds < secondsMin ? [invalidField(field, seconds, 'may not specify a duration less than 10 minutes')] : []),
    ...(seconds > secondsMax
      ? [invalidField(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
  ]
}

async function answer(asked: KubeObject, { namespace, name, powers }: Asking): Promise<KubeObject> {
  const { audiences = [], expirationSeconds = 3600 } = specOf(asked)
  const issued = await powers.issueToken({ namespace, name, audiences, expirationSeconds })
  return {
    ...asked,
    metadata: { ...asked.metadata, name, namespace },
    spec: { ...specOf(asked), audiences: issued.audiences },
    status: { token: issued.token, expirationTimestamp: formatTime(issued.expiresAtMs) },
  }
}

function specOf(object: KubeObject): Infer<typeof spec> {
  return object['spec'] ?? {}
}

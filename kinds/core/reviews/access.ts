import type { Asking } from '../../../apiserver/registry/kind.ts'
import { type FieldError, invalidField } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import type { AccessReviewSpec } from '../../../machinery/review/access-review.ts'
import { message, messages, text, texts, textsMap } from '../../../machinery/protobuf/fields.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'
import { array, boolean, map, object, required, string } from '../../../machinery/schema/builder.ts'

const selector = object('What of the resource a list or watch is narrowed to.', {
  rawSelector: string('The selector as it stands in the query of a request; not looked at.'),
  requirements: array(
    'Requirements that must all hold.',
    object('One requirement.', {
      key: required(string('What it is about.')),
      operator: required(string('In, NotIn, Exists or DoesNotExist.')),
      values: array('The values for In and NotIn.', string('One value.')),
    }),
  ),
})

/** What every sort of access review asks. */
export const attributes = {
  nonResourceAttributes: object('A request for a path that is no resource.', {
    path: string('The path.'),
    verb: string('The verb, as get.'),
  }),
  resourceAttributes: object('A request for a resource.', {
    fieldSelector: selector,
    group: string('The API group; empty is the core group.'),
    labelSelector: selector,
    name: string('The name; empty is any.'),
    namespace: string('The namespace; empty is the cluster.'),
    resource: string('The resource.'),
    subresource: string('The subresource.'),
    verb: string('The verb.'),
    version: string('The version.'),
  }),
}

/** Whose rights another's review asks for. */
export const subjectAttributes = {
  ...attributes,
  extra: map('What else is known of the user.', array('Values.', string('One value.'))),
  groups: array('The groups of the user.', string('One group.')),
  uid: string('The UID of the user.'),
  user: string('The name of the user.'),
}

const selectorMessage: Message = {
  rawSelector: text(1),
  requirements: messages(2, { key: text(1), operator: text(2), values: texts(3) }),
}

const attributeFields: Message = {
  resourceAttributes: message(1, {
    namespace: text(1),
    verb: text(2),
    group: text(3),
    version: text(4),
    resource: text(5),
    subresource: text(6),
    name: text(7),
    fieldSelector: message(8, selectorMessage),
    labelSelector: message(9, selectorMessage),
  }),
  nonResourceAttributes: message(2, { path: text(1), verb: text(2) }),
}

/** The numbers of k8s.io/api/authorization/v1/generated.proto. */
export const attributeMessage: Message = { spec: message(2, attributeFields) }
export const subjectMessage: Message = {
  spec: message(2, { ...attributeFields, user: text(3), groups: texts(4), extra: textsMap(5), uid: text(6) }),
}

export const accessStatus = object('The answer.', {
  allowed: boolean('Whether it is allowed.'),
  denied: boolean('Whether it is forbidden, whoever else might allow it.'),
  evaluationError: string('What went wrong on the way.'),
  reason: string('Why.'),
})

export type AccessQuestion = Partial<AccessReviewSpec>

export function specOf(asked: KubeObject): AccessQuestion {
  return asked['spec'] ?? {}
}

/** k8s.io/kubernetes/pkg/apis/authorization/validation. */
export function attributeErrors(spec: AccessQuestion): readonly FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const text = 'cannot be specified in combination with resourceAttributes'
    return [invalidField('spec.nonResourceAttributes', nonResourceAttributes, text)]
  }
  if (resourceAttributes !== undefined || nonResourceAttributes !== undefined) return []
  const text = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  return [invalidField('spec.resourceAttributes', null, text)]
}

export function subjectErrors(spec: AccessQuestion): readonly FieldError[] {
  const isNobody = !spec.user && (spec.groups ?? []).length === 0
  const text = 'at least one of user or group must be specified'
  return isNobody ? [...attributeErrors(spec), invalidField('spec.user', spec.user ?? '', text)] : attributeErrors(spec)
}

/** The review with its answer; `subject` is whose rights are asked for. */
export async function accessAnswer(
  asked: KubeObject,
  { powers }: Asking,
  subject: Pick<AccessReviewSpec, 'user' | 'uid' | 'groups' | 'extra'>,
): Promise<KubeObject> {
  const { resourceAttributes, nonResourceAttributes } = specOf(asked)
  const { allowed, denied, reason } = await powers.reviewAccess({
    ...subject,
    ...(resourceAttributes && { resourceAttributes }),
    ...(nonResourceAttributes && { nonResourceAttributes }),
  })
  return { ...asked, status: { allowed, ...(denied && { denied }), ...(reason !== '' && { reason }) } }
}

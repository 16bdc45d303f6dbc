import type { Column, ValidationResult } from '../../../apiserver/registry/kind.ts'
import { type FieldError, invalidField, notSupported, requiredField } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json/equal.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { message, messages, text } from '../../../machinery/protobuf/fields.ts'
import type { Message } from '../../../machinery/protobuf/message.ts'
import { array, type Infer, nullable, object, required, string } from '../../../machinery/schema/builder.ts'
import { ageColumn } from '../../shared/age-column.ts'

const group = 'rbac.authorization.k8s.io'

const subject = object(
  'A user, a group or a ServiceAccount.',
  {
    apiGroup: string('The API group of the kind; that of RBAC for users and groups when absent.'),
    kind: required(string('User, Group or ServiceAccount.')),
    name: required(string('The name.')),
    namespace: string('The namespace of a ServiceAccount.'),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

const roleRef = object(
  'The role that the subjects get.',
  {
    apiGroup: string('The API group of RBAC.'),
    kind: required(string('Role or ClusterRole.')),
    name: required(string('The name of the role.')),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const bindingMembers = {
  roleRef: required(roleRef),
  subjects: nullable(array('Who gets the role.', subject, { 'x-kubernetes-list-type': 'atomic' })),
}

type Subject = Infer<typeof subject>
type Bound = KubeObject & {
  readonly roleRef?: Infer<typeof roleRef>
  readonly subjects?: readonly Subject[] | null
}

/** The numbers of k8s.io/api/rbac/v1/generated.proto. */
export const bindingMessage: Message = {
  subjects: messages(2, { kind: text(1), apiGroup: text(2), name: text(3), namespace: text(4) }),
  roleRef: message(3, { apiGroup: text(1), kind: text(2), name: text(3) }),
}

/** The defaults of rbac/v1 depend on a neighbour, which a schema cannot say. */
export function withApiGroups(object: KubeObject): KubeObject {
  const { roleRef, subjects } = object as Bound
  return {
    ...object,
    ...(roleRef !== undefined && isObject(roleRef) && { roleRef: { ...roleRef, apiGroup: roleRef.apiGroup || group } }),
    ...(Array.isArray(subjects) && { subjects: (subjects as readonly Subject[]).map(withApiGroup) }),
  }
}

function withApiGroup(subject: Subject): Subject {
  const isOurs = isObject(subject) && !subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')
  return isOurs ? { ...subject, apiGroup: group } : subject
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** k8s.io/kubernetes/pkg/apis/rbac/validation, ValidateRoleBinding and its updates. */
export function checkBinding(object: KubeObject, previous: KubeObject | undefined): ValidationResult {
  const { kind, roleRef, subjects } = object as Bound
  const roleKinds = kind === 'ClusterRoleBinding' ? ['ClusterRole'] : ['Role', 'ClusterRole']
  const errors: FieldError[] = []
  if (roleRef?.apiGroup !== group) errors.push(notSupported('roleRef.apiGroup', roleRef?.apiGroup, [group]))
  if (!roleKinds.includes(roleRef?.kind ?? '')) errors.push(notSupported('roleRef.kind', roleRef?.kind, roleKinds))
  if (!roleRef?.name) errors.push(requiredField('roleRef.name'))
  errors.push(...(subjects ?? []).flatMap((each, index) => subjectErrors(each, `subjects[${index}]`, kind)))
  if (previous !== undefined && !jsonEqual(roleRef, (previous as Bound).roleRef)) {
    errors.push(invalidField('roleRef', roleRef, 'cannot change roleRef'))
  }
  return { errors }
}

function subjectErrors(subject: Subject, field: string, bindingKind: string): FieldError[] {
  const { apiGroup = '', kind, name, namespace = '' } = subject
  const expected = kind === 'ServiceAccount' ? '' : group
  const errors = name === '' ? [requiredField(`${field}.name`)] : []
  if (!['ServiceAccount', 'User', 'Group'].includes(kind)) {
    return [...errors, notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group'])]
  }
  if (apiGroup !== expected) errors.push(notSupported(`${field}.apiGroup`, apiGroup, [expected]))
  if (kind === 'ServiceAccount' && namespace === '' && bindingKind === 'ClusterRoleBinding') {
    errors.push(requiredField(`${field}.namespace`))
  }
  return errors
}

export const bindingColumns: readonly Column[] = [
  {
    name: 'Role',
    type: 'string',
    description: 'The role that is bound.',
    value: (object) => `${(object as Bound).roleRef?.kind ?? ''}/${(object as Bound).roleRef?.name ?? ''}`,
  },
  ageColumn,
  ...(['User', 'Group', 'ServiceAccount'] as const).map(
    (kind): Column => ({
      name: `${kind}s`,
      type: 'string',
      description: `The subjects that are a ${kind}.`,
      priority: 1,
      value: (object) => namesOf(object, kind),
    }),
  ),
]

function namesOf({ subjects }: Bound, kind: string): string {
  const named = (subjects ?? []).filter((subject) => subject.kind === kind)
  return named.map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name)).join(', ')
}

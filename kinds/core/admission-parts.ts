import type { Schema } from '../../machinery/schema/schema.ts'
import { array, object, oneOf, required, string, type Typed } from '../../machinery/schema/builder.ts'
import { labelSelector as optionalSelector } from '../shared/label-selector.ts'

/** What configurations of webhooks and policies have in common (admissionregistration.k8s.io/v1). */

export const group = 'admissionregistration.k8s.io'

const texts = (description: string): Typed<readonly string[]> =>
  array(description, string('One of them.'), { 'x-kubernetes-list-type': 'atomic' })

/** Of webhooks and policies: an absent one is an empty one. */
export const labelSelector: typeof optionalSelector = { ...optionalSelector, default: {} }

const ruleFields = {
  operations: texts('CREATE, UPDATE, DELETE, CONNECT, or * for all.'),
  apiGroups: texts('The groups of the resources, or * for all.'),
  apiVersions: texts('The versions of the resources, or * for all.'),
  resources: texts('Plurals, with or without a subresource: widgets, widgets/status, */scale, *, */*.'),
  scope: oneOf('Which of them.', ['Cluster', 'Namespaced', '*'], { default: '*' }),
}

export const rules = array('The writes that it is about.', object('Some writes.', ruleFields), {
  'x-kubernetes-list-type': 'atomic',
})

const namedRules = (description: string): Schema & Typed<unknown> =>
  array(
    description,
    object('Some writes.', { ...ruleFields, resourceNames: texts('The names of the objects; none for all.') }),
    { 'x-kubernetes-list-type': 'atomic' },
  )

const matchPolicyValues = ['Exact', 'Equivalent'] as const

export const matchPolicy = oneOf('Whether other versions of a resource count as well.', matchPolicyValues, {
  default: 'Equivalent',
})

export const failurePolicy = oneOf('What a failure means.', ['Fail', 'Ignore'], { default: 'Fail' })

export const reinvocationPolicy = oneOf('Whether it wants to see what others changed later.', ['Never', 'IfNeeded'], {
  default: 'Never',
})

export const matchConditions = array(
  'Expressions that all have to hold.',
  object('A condition.', {
    name: required(string('Its name.')),
    expression: required(string('In CEL.')),
  }),
  { maxItems: 64, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
)

export const matchResources = object(
  'Which writes it is about.',
  {
    resourceRules: namedRules('The writes.'),
    excludeResourceRules: namedRules('Those that it is not about all the same.'),
    namespaceSelector: labelSelector,
    objectSelector: labelSelector,
    matchPolicy,
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const paramKind = object(
  'The kind of the objects that parameters come from.',
  { apiVersion: string('Its group and version.'), kind: string('Its name.') },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const paramRef = object(
  'The objects that parameters come from.',
  {
    name: string('The name of one object.'),
    namespace: string('Where it is; that of the request when absent.'),
    selector: optionalSelector,
    parameterNotFoundAction: oneOf('What it means that there is none.', ['Allow', 'Deny']),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const variables = array(
  'Expressions by name, for others to use.',
  object('A variable.', {
    name: required(string('Its name.')),
    expression: required(string('In CEL.')),
  }),
  { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
)

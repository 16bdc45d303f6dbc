import { noSuchOverload } from '../errors.ts'
import {
  AuthorizerValue,
  DecisionValue,
  GroupCheck,
  PathCheck,
  ResourceCheck,
  type AccessDecision,
  type ResourceParts,
} from './authorizer.ts'
import type { Opaque } from '../values/value.ts'
import { type FunctionTable, member, type Overload } from '../functions/table.ts'

const [authorizerType, pathType, groupType, resourceType, decisionType] = [
  'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.PathCheck',
  'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.ResourceCheck',
  'kubernetes.authorization.Decision',
] as const

/** Kubernetes counts a check as if it were a third of all that an expression may cost. */
const checkCost = (): number => 350_000

/** Rights, `authorizer.group('').resource('pods').namespace('ns').check('get').allowed()`. */
export const authorizer: FunctionTable = {
  path: [
    member([authorizerType, 'string', '->', pathType], (of, path) => new PathCheck(asOne(AuthorizerValue, of), path)),
  ],
  group: [
    member(
      [authorizerType, 'string', '->', groupType],
      (of, group) => new GroupCheck(asOne(AuthorizerValue, of), group),
    ),
  ],
  serviceAccount: [
    member(
      [authorizerType, 'string', 'string', '->', authorizerType],
      (of, namespace, name) => new AuthorizerValue(asOne(AuthorizerValue, of).decide, { namespace, name }),
    ),
  ],
  resource: [
    member([groupType, 'string', '->', resourceType], (of, resource) => {
      const { authorizer, group } = asOne(GroupCheck, of)
      return new ResourceCheck(authorizer, { ...nothing, group, resource })
    }),
  ],
  subresource: [narrowing('subresource')],
  namespace: [narrowing('namespace')],
  name: [narrowing('name')],
  fieldSelector: [narrowing('fieldSelector')],
  labelSelector: [narrowing('labelSelector')],
  check: [
    member([pathType, 'string', '->', decisionType], (of, verb) => asOne(PathCheck, of).check(verb), checkCost),
    member([resourceType, 'string', '->', decisionType], (of, verb) => asOne(ResourceCheck, of).check(verb), checkCost),
  ],
  allowed: [member([decisionType, '->', 'bool'], (of) => decisionIn(of).isAllowed)],
  errored: [member([decisionType, '->', 'bool'], (of) => decisionIn(of).error !== '')],
  error: [member([decisionType, '->', 'string'], (of) => decisionIn(of).error)],
  reason: [member([decisionType, '->', 'string'], (of) => decisionIn(of).reason)],
}

const nothing: ResourceParts = {
  group: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
}

function narrowing(part: keyof ResourceParts): Overload {
  return member([resourceType, 'string', '->', resourceType], (of, value) =>
    asOne(ResourceCheck, of).with({ [part]: value }),
  )
}

function decisionIn(value: Opaque): AccessDecision {
  return asOne(DecisionValue, value).decision
}

function asOne<T extends Opaque>(type: abstract new (...args: never[]) => T, value: Opaque): T {
  if (value instanceof type) return value
  throw noSuchOverload()
}

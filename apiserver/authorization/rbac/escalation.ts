import type { KubeObject } from '../../../machinery/object.ts'
import { jsonEqual } from '../../../machinery/json/equal.ts'
import { isJsonObject } from '../../../machinery/json/member.ts'
import { forbidden, notFound } from '../../../machinery/status-errors.ts'
import type { AdmissionCheck, AdmissionRequest } from '../../admission/admission.ts'
import type { RequestInfo } from '../../request-info.ts'
import { type Authorizer, mastersGroup } from '../authorizer.ts'
import { bindingOf, rbacGroup, rulesIn, selectorsIn } from './rbac-object.ts'
import { type RbacLookups, rulesFor } from './rbac.ts'
import { missingRules, type PolicyRule, quotedList, ruleTexts } from './rules.ts'

interface EscalationOptions {
  readonly lookups: RbacLookups
  readonly authorize: Authorizer
}

/**
 * Nobody gives away what he does not have (k8s.io/kubernetes/pkg/registry/rbac): who writes a role needs its rules, or
 * the verb `escalate` on it; who writes a binding needs the rules of its role, or the verb `bind` on that. Asked before
 * validation, as there: what is malformed gives nothing away, and is refused next.
 */
export function escalationCheck(options: EscalationOptions): AdmissionCheck {
  return {
    name: 'RBACEscalation',
    permit: (request) => {
      const { kind, object, oldObject, operation, user } = request
      if (kind.group !== rbacGroup || operation === 'DELETE' || object === undefined) return undefined
      if (user.groups.includes(mastersGroup) || isOnlyMetadata(object, oldObject)) return undefined
      const check = kind.names.kind.endsWith('Binding') ? checkBinding : checkRole
      return check(options, request, object)
    },
  }
}

/** Finalizers and owners are changed by those who clean up. */
function isOnlyMetadata(object: KubeObject, oldObject: KubeObject | undefined): boolean {
  if (oldObject === undefined) return false
  const { metadata: _, ...members } = object
  const { metadata: __, ...oldMembers } = oldObject
  return jsonEqual(members, oldMembers)
}

async function checkRole(options: EscalationOptions, request: AdmissionRequest, role: KubeObject): Promise<void> {
  const { names } = request.kind
  if (await may(options, request, { verb: 'escalate', resource: names.plural, name: request.name })) return
  if (selectorsIn(role) !== undefined && missing(options, request, everything).length > 0) {
    throw refused(request, 'must have cluster-admin privileges to use the aggregationRule')
  }
  checkHeld(options, request, rulesIn(role).filter(isWellFormed))
}

function isWellFormed(rule: unknown): boolean {
  return isJsonObject(rule) && Object.values(rule).every((each) => Array.isArray(each) && each.every(isText))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

async function checkBinding(options: EscalationOptions, request: AdmissionRequest, object: KubeObject): Promise<void> {
  const { roleRef } = bindingOf(object)
  if (roleRef.kind !== 'Role' && roleRef.kind !== 'ClusterRole') return
  const resource = `${roleRef.kind.toLowerCase()}s`
  if (await may(options, request, { verb: 'bind', resource, name: roleRef.name })) return
  const rules = options.lookups.rulesOf({ ...roleRef, namespace: request.namespace ?? '' })
  // It is the binding's resource that kube-apiserver names here.
  if (rules === undefined) throw notFound({ group: rbacGroup, resource: request.kind.names.plural }, roleRef.name)
  checkHeld(options, request, rules)
}

async function may(
  { authorize }: EscalationOptions,
  { user, namespace = '' }: AdmissionRequest,
  act: Pick<RequestInfo, 'verb' | 'resource' | 'name'>,
): Promise<boolean> {
  const place = { group: rbacGroup, version: 'v1', subresource: '', namespace, path: '' }
  return (await authorize(user, { isResourceRequest: true, ...place, ...act })).verdict === 'allow'
}

function missing(options: EscalationOptions, { user, namespace = '' }: AdmissionRequest, rules: readonly PolicyRule[]) {
  return missingRules(rulesFor(options.lookups, user, namespace), rules)
}

function checkHeld(options: EscalationOptions, request: AdmissionRequest, rules: readonly PolicyRule[]): void {
  const lacking = missing(options, request, rules)
  if (lacking.length === 0) return
  const { name, groups } = request.user
  const who = `user ${JSON.stringify(name)} (groups=${quotedList(groups)})`
  const what = `is attempting to grant RBAC permissions not currently held:\n${ruleTexts(lacking).join('\n')}`
  throw refused(request, `${who} ${what}`)
}

function refused({ kind, name }: AdmissionRequest, why: string) {
  return forbidden({ group: kind.group, resource: kind.names.plural }, name, why)
}

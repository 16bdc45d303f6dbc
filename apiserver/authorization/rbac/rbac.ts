import type { UserInfo } from '../../request-context.ts'
import type { Authorizer } from '../authorizer.ts'
import { type PolicyRule, ruleAllows } from './rules.ts'

/** The roles and bindings there are; whoever has them decides how fresh they are. */
export interface RbacLookups {
  clusterRoleBindings(): Iterable<Binding>
  roleBindings(namespace: string): Iterable<Binding>
  /** Undefined: there is no such role. */
  rulesOf(role: RolePlace): readonly PolicyRule[] | undefined
}

export interface Binding {
  readonly name: string
  readonly subjects: readonly Subject[]
  readonly roleRef: { readonly kind: string; readonly name: string }
}

export interface Subject {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

export interface RolePlace {
  readonly kind: string
  readonly name: string
  /** Of a Role. */
  readonly namespace: string
}

/** Allows what some rule of a role that is bound to the user speaks for, and has no opinion on everything else. */
export function rbacAuthorizer(lookups: RbacLookups): Authorizer {
  return (user, info) => {
    const namespace = info.isResourceRequest ? info.namespace : ''
    const problems: string[] = []
    for (const granted of grants(lookups, user, namespace)) {
      if (granted.rules === undefined) problems.push(granted.problem)
      else if (granted.rules.some((rule) => ruleAllows(rule, info))) return { verdict: 'allow' }
    }
    if (problems.length === 0) return { verdict: 'no-opinion' }
    const reason = problems.length === 1 ? problems.join() : `[${[...new Set(problems)].join(', ')}]`
    return { verdict: 'no-opinion', reason: `RBAC: ${reason}` }
  }
}

/** Every rule that holds for the user in the namespace; '' is the cluster. */
export function rulesFor(lookups: RbacLookups, user: UserInfo, namespace: string): readonly PolicyRule[] {
  return [...grants(lookups, user, namespace)].flatMap(({ rules = [] }) => rules)
}

type Grant = { readonly rules: readonly PolicyRule[] } | { readonly rules: undefined; readonly problem: string }

function* grants(lookups: RbacLookups, user: UserInfo, namespace: string): Generator<Grant> {
  for (const binding of lookups.clusterRoleBindings()) {
    if (isBound(binding, user, '')) yield grantOf(lookups, binding, '')
  }
  if (namespace === '') return
  for (const binding of lookups.roleBindings(namespace)) {
    if (isBound(binding, user, namespace)) yield grantOf(lookups, binding, namespace)
  }
}

function grantOf(lookups: RbacLookups, { roleRef }: Binding, namespace: string): Grant {
  const rules = lookups.rulesOf({ ...roleRef, namespace })
  if (rules !== undefined) return { rules }
  const resource = `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io`
  return { rules, problem: `${resource} ${JSON.stringify(roleRef.name)} not found` }
}

function isBound({ subjects }: Binding, user: UserInfo, bindingNamespace: string): boolean {
  return subjects.some(({ kind, name, namespace = bindingNamespace }) => {
    switch (kind) {
      case 'User':
        return user.name === name
      case 'Group':
        return user.groups.includes(name)
      case 'ServiceAccount':
        return namespace !== '' && user.name === `system:serviceaccount:${namespace}:${name}`
      default:
        return false
    }
  })
}

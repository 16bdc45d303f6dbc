import { isJsonObject } from '../../../machinery/json/member.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import type { LabelSelector } from './role-selector.ts'
import type { Binding, Subject } from './rbac.ts'
import type { PolicyRule } from './rules.ts'

/** What authorization sees of the objects of rbac.authorization.k8s.io/v1; their kinds have checked them. */
export const rbacGroup = 'rbac.authorization.k8s.io'

export function bindingOf({ metadata, subjects, roleRef }: KubeObject): Binding {
  const { kind, name } = isJsonObject(roleRef) ? roleRef : {}
  const named = { kind: typeof kind === 'string' ? kind : '', name: typeof name === 'string' ? name : '' }
  return { name: metadata.name ?? '', subjects: listOf<Subject>(subjects), roleRef: named }
}

export function rulesIn({ rules }: KubeObject): readonly PolicyRule[] {
  return listOf<PolicyRule>(rules)
}

/** Of a ClusterRole whose rules are those of others; undefined for any other. */
export function selectorsIn({ aggregationRule }: KubeObject): readonly LabelSelector[] | undefined {
  if (!isJsonObject(aggregationRule)) return undefined
  return listOf<LabelSelector>(aggregationRule['clusterRoleSelectors'])
}

function listOf<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : []
}

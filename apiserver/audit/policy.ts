import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

export const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const
export type AuditLevel = (typeof auditLevels)[number]

export const auditStages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const
export type AuditStage = (typeof auditStages)[number]

/** audit.k8s.io/v1 Policy: what is recorded of which request. The first rule that matches counts. */
export interface AuditPolicy {
  readonly rules: readonly AuditRule[]
  readonly omitStages: readonly AuditStage[]
  readonly omitManagedFields: boolean
}

/** A list that is absent matches everything. */
export interface AuditRule {
  readonly level: AuditLevel
  readonly users?: readonly string[]
  readonly userGroups?: readonly string[]
  readonly verbs?: readonly string[]
  readonly resources?: readonly GroupResources[]
  /** `''` is what belongs to no namespace. */
  readonly namespaces?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly omitStages?: readonly AuditStage[]
  readonly omitManagedFields?: boolean
}

export interface GroupResources {
  readonly group: string
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
}

/** Without a policy file: who did what, once it is done. */
export const defaultPolicy: AuditPolicy = {
  rules: [{ level: 'Metadata' }],
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
}

export interface AuditDecision {
  readonly level: AuditLevel
  readonly omitStages: readonly AuditStage[]
  readonly omitManagedFields: boolean
}

/** k8s.io/apiserver/pkg/audit/policy/checker.go: what no rule matches is not recorded. */
export function decide(policy: AuditPolicy, user: UserInfo | undefined, info: RequestInfo): AuditDecision {
  const rule = policy.rules.find((each) => isForUser(each, user) && isForRequest(each, info))
  return {
    level: rule?.level ?? 'None',
    omitStages: [...policy.omitStages, ...(rule?.omitStages ?? [])],
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields,
  }
}

function isForUser({ users, userGroups }: AuditRule, user: UserInfo | undefined): boolean {
  const isNamed = users === undefined || (user !== undefined && users.includes(user.name))
  return isNamed && (userGroups === undefined || userGroups.some((group) => user?.groups.includes(group)))
}

function isForRequest({ verbs, resources, namespaces, nonResourceURLs }: AuditRule, info: RequestInfo): boolean {
  if (verbs !== undefined && !verbs.includes(info.verb)) return false
  if (resources === undefined && namespaces === undefined && nonResourceURLs === undefined) return true
  if (!info.isResourceRequest) return nonResourceURLs?.some((pattern) => matchesPath(pattern, info.path)) ?? false
  if (resources === undefined && namespaces === undefined) return false
  if (namespaces !== undefined && !namespaces.includes(info.namespace)) return false
  return resources?.some((each) => holds(each, info)) ?? true
}

function holds({ group, resources, resourceNames }: GroupResources, info: RequestInfo): boolean {
  if (group !== info.group) return false
  if (resources === undefined) return true
  if (resourceNames !== undefined && !resourceNames.includes(info.name)) return false
  return resources.some((resource) => isNamed(resource, info))
}

/** `pods`, `pods/log`, `*`, `*` and a subresource, or every subresource of one; `pods` is not its subresources. */
function isNamed(pattern: string, { resource, subresource }: RequestInfo): boolean {
  const whole = subresource === '' ? resource : `${resource}/${subresource}`
  if (pattern === '*' || pattern === whole) return true
  if (pattern.startsWith('*/')) return subresource !== '' && pattern.slice(2) === subresource
  return pattern.endsWith('/*') && whole.startsWith(pattern.slice(0, -1))
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path
}

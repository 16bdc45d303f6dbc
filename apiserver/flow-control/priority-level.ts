import { mastersGroup } from '../authorization/authorizer.ts'
import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

/**
 * How urgent a request is, under the names of flowcontrol.apiserver.k8s.io:
 * - exempt: never waits and is never turned away. Discovery, OpenAPI and metrics, without which a cluster takes a group
 *   for gone, and the members of system:masters, who repair what is overloaded.
 * - leader-election: Leases of components and controllers. Who cannot renew one in time stops working.
 * - global-default: everybody else, fair among users.
 */
export type PriorityLevel = 'exempt' | 'leader-election' | 'global-default'

export const priorityLevels: readonly PriorityLevel[] = ['exempt', 'leader-election', 'global-default']

export function priorityLevelOf(user: UserInfo, info: RequestInfo): PriorityLevel {
  if (!info.isResourceRequest || user.groups.includes(mastersGroup)) return 'exempt'
  return isLeaderElection(info) && isComponent(user) ? 'leader-election' : 'global-default'
}

/** Of one Lease: lists and watches of them are no part of an election. */
function isLeaderElection({ group, resource, verb }: RequestInfo): boolean {
  return group === 'coordination.k8s.io' && resource === 'leases' && electionVerbs.has(verb)
}

const electionVerbs: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch'])

function isComponent({ name, groups }: UserInfo): boolean {
  return name.startsWith('system:kube-') || groups.includes('system:serviceaccounts')
}

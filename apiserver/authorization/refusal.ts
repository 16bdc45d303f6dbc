import type { StatusError } from '../../machinery/status.ts'
import { forbidden, forbiddenPath } from '../../machinery/status-errors.ts'
import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

/** The 403 with kube-apiserver's words (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go). */
export function refusal(user: UserInfo, info: RequestInfo, reason: string | undefined): StatusError {
  if (!info.isResourceRequest) return forbiddenPath(user.name, { verb: info.verb, path: info.path })
  const { group, resource, name } = info
  return forbidden({ group, resource }, name, deniedText(user, info, reason))
}

/** What of a request for a resource is not allowed to whom. */
export function deniedText(user: UserInfo, info: RequestInfo, reason: string | undefined): string {
  const { group, resource, subresource, namespace, verb } = info
  const what = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const who = `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(what)}`
  return `${who} in API group ${JSON.stringify(group)} ${where}${reason ? `: ${reason}` : ''}`
}

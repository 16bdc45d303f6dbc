import type { ObjectName } from '../../machinery/client.ts'
import { pathSegmentProblems } from '../../machinery/names.ts'
import { badRequest } from '../../machinery/status-errors.ts'
import type { Registry } from '../registry/registry.ts'
import type { ApiRequest, ApiResponse } from './endpoint.ts'

/** A request whose resource was found and whose path fits the scope of its kind. */
export interface ResourceRequest {
  readonly request: ApiRequest
  readonly registry: Registry
  readonly version: string
  readonly subresource: '' | 'status'
  /** Absent: a cluster-scoped kind, or every namespace. */
  readonly namespace: string | undefined
  readonly name: string
}

export type Verb = (resource: ResourceRequest) => Promise<ApiResponse>

/** Throws 400 for what is no name of any object. */
export function objectName({ namespace, name }: ResourceRequest): ObjectName {
  const problems = pathSegmentProblems(name)
  if (problems.length > 0) throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${problems.join(';')}`)
  return namespace === undefined ? { name } : { namespace, name }
}

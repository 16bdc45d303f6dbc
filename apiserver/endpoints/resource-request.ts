import type { ObjectName } from '../../machinery/client.ts'
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

export function objectName({ namespace, name }: ResourceRequest): ObjectName {
  return namespace === undefined ? { name } : { namespace, name }
}

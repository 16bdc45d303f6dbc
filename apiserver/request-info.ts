import { badRequest } from '../machinery/status-errors.ts'
import { isPathSegment } from '../machinery/names.ts'
import { parseFieldSelector } from '../machinery/selector/field.ts'

/** What a request is about, from method, path and query alone (k8s.io/apiserver/pkg/endpoints/request/requestinfo.go). */
export interface RequestInfo {
  readonly isResourceRequest: boolean
  readonly path: string
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

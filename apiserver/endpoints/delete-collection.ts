import type { ApiResponse } from './endpoint.ts'
import { listAnswer } from './answer/list-answer.ts'
import { deletionOf } from './request/delete-options.ts'
import { listOptionsOf } from './request/list-options.ts'
import { outputOf } from './request/output.ts'
import type { ResourceRequest } from './resource-request.ts'

export async function deleteCollection(resource: ResourceRequest): Promise<ApiResponse> {
  const { request, registry, version, namespace } = resource
  const output = outputOf(request, 'list')
  const options = listOptionsOf(request.query)
  const deletion = deletionOf(resource)
  const selection = registry.select({ ...options, ...(namespace !== undefined && { namespace }) })
  const page = await registry.removeCollection({ list: { ...options, selection }, deletion })
  return listAnswer({ registry, version, output }, page)
}

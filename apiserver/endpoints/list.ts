import type { ApiResponse } from './endpoint.ts'
import { listAnswer } from './answer/list-answer.ts'
import { listOptionsOf } from './request/list-options.ts'
import { outputOf } from './request/output.ts'
import type { ResourceRequest } from './resource-request.ts'

export async function list({ request, registry, version, namespace }: ResourceRequest): Promise<ApiResponse> {
  const output = outputOf(request, 'list')
  const options = listOptionsOf(request.query)
  const selection = registry.select({ ...options, ...(namespace !== undefined && { namespace }) })
  const page = await registry.list({ ...options, selection })
  return listAnswer({ registry, version, output }, page)
}

import { mediaTypeOf } from '../../machinery/media-type.ts'
import { unsupportedMediaType } from '../../machinery/status-errors.ts'
import type { Change } from '../registry/writes/update.ts'
import { objectAnswer } from './answer/object-answer.ts'
import type { ApiResponse } from './endpoint.ts'
import { checkSize } from './request/body.ts'
import { applyChange, patchChange } from './request/patch-change.ts'
import { outputOf } from './request/output.ts'
import { type WriteOptions, writeOptionsOf } from './request/write-options.ts'
import { objectName, type ResourceRequest } from './resource-request.ts'

const applyType = 'application/apply-patch+yaml'
const strategicType = 'application/strategic-merge-patch+json'

/** PATCH in its four sorts, also of /status. */
export async function patch(resource: ResourceRequest): Promise<ApiResponse> {
  const { request, registry, version, subresource } = resource
  const type = patchType(resource)
  const output = outputOf(request, 'object')
  checkSize(request.body)
  const options = writeOptionsOf(request, type === applyType ? 'ApplyOptions' : 'PatchOptions')
  const change = changeOf(resource, type, options)
  const { state, created } = await registry.update(objectName(resource), { ...options.write, subresource, change })
  return objectAnswer({ registry, version, output }, state, created ? 201 : 200)
}

function changeOf(resource: ResourceRequest, type: string, options: WriteOptions): Change {
  return type === applyType ? applyChange(resource, options) : patchChange(resource, type, options)
}

/** Strategic merge is for kinds that declare their merge keys; 415 makes clients fall back to merge patch. */
function patchType({ request, registry }: ResourceRequest): string {
  const isStrategic = registry.kind.strategicMergeKeys !== undefined
  const accepted = [
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(isStrategic ? [strategicType] : []),
    applyType,
  ]
  const type = mediaTypeOf(request.headers['content-type'])
  if (!accepted.includes(type)) throw unsupportedMediaType(accepted)
  return type
}

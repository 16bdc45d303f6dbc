import type { JsonObject } from '../../machinery/object.ts'
import type { Removed } from '../registry/writes/remove.ts'
import { objectAnswer } from './answer/object-answer.ts'
import type { ApiResponse } from './endpoint.ts'
import { deletionOf } from './request/delete-options.ts'
import { outputOf } from './request/output.ts'
import { objectName, type ResourceRequest } from './resource-request.ts'

/** A Status for what is gone, the object for what waits for its finalizers. */
export async function remove(resource: ResourceRequest): Promise<ApiResponse> {
  const { request, registry, version } = resource
  const output = outputOf(request, 'object')
  const deletion = deletionOf(resource)
  const removed = await registry.remove(objectName(resource), deletion)
  if (removed.isGone) return { type: 'object', code: 200, object: successStatus(resource, removed) }
  const code = deletion.propagation.orphanDependents === false ? 202 : 200
  return objectAnswer({ registry, version, output }, removed.state, code)
}

/** `details.kind` holds the plural: clients are used to it. */
function successStatus({ registry, name }: ResourceRequest, { state }: Removed): JsonObject {
  const { group, names } = registry.kind
  const { uid = '' } = state.value.object.metadata
  const details = { name, ...(group !== '' && { group }), kind: names.plural, uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}

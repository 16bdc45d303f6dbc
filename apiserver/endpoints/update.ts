import { badRequest } from '../../machinery/status-errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { objectAnswer } from './answer/object-answer.ts'
import type { ApiResponse } from './endpoint.ts'
import { checkObjectBody } from './request/body.ts'
import { objectMessage } from './request/object-message.ts'
import { outputOf } from './request/output.ts'
import { receivedObject } from './request/received.ts'
import { writeOptionsOf } from './request/write-options.ts'
import { objectName, type ResourceRequest } from './resource-request.ts'

/** PUT, also of /status. */
export async function update(resource: ResourceRequest): Promise<ApiResponse> {
  const { request, registry, version, subresource } = resource
  const output = outputOf(request, 'object')
  checkObjectBody(request, objectMessage(registry.kind, version))
  const { write, fieldValidation } = writeOptionsOf(request, 'UpdateOptions')
  const object = receivedObject(resource, fieldValidation)
  checkPlace(resource, object)
  const change = { type: 'replace' as const, object }
  const { state, created } = await registry.update(objectName(resource), { ...write, subresource, change })
  return objectAnswer({ registry, version, output }, state, created ? 201 : 200)
}

/** Before the live object is looked at: the body must speak of the object that the URL names. */
function checkPlace({ registry, namespace, name: wanted }: ResourceRequest, { metadata }: KubeObject): void {
  const { name = '', namespace: sent = '' } = metadata
  if (registry.kind.scope === 'namespaced' && sent !== '' && sent !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  if (name === '') {
    throw badRequest(`the name of the object (${wanted} based on URL) was undeterminable: name must be provided`)
  }
  if (name !== wanted) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${wanted})`)
  }
}

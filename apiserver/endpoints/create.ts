import { withMembers } from '../../machinery/json/member.ts'
import type { CreateRequest } from '../registry/writes/create.ts'
import { objectAnswer } from './answer/object-answer.ts'
import type { ApiResponse } from './endpoint.ts'
import { checkObjectBody } from './request/body.ts'
import { objectMessage } from './request/object-message.ts'
import { outputOf } from './request/output.ts'
import { receivedObject } from './request/received.ts'
import { writeOptionsOf } from './request/write-options.ts'
import type { ResourceRequest } from './resource-request.ts'

export async function create(resource: ResourceRequest): Promise<ApiResponse> {
  const { request, registry, version, namespace } = resource
  const output = outputOf(request, 'object')
  checkObjectBody(request, objectMessage(registry.kind, version))
  const { write, fieldValidation } = writeOptionsOf(request, 'CreateOptions')
  const object = receivedObject(resource, fieldValidation)
  const { state } = await registry.create(object, withMembers<CreateRequest>(write, { namespace }))
  return objectAnswer({ registry, version, output }, state, 201)
}

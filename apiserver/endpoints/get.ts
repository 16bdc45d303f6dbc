import { badRequest } from '../../machinery/status-errors.ts'
import { partialMetadata } from '../registry/forms/partial-metadata.ts'
import type { ReadVersion } from '../registry/reads/read.ts'
import { parseRevision } from '../registry/reads/revision.ts'
import { objectAnswer } from './answer/object-answer.ts'
import type { ApiResponse } from './endpoint.ts'
import { outputOf } from './request/output.ts'
import { booleanValue, textValue } from './request/query.ts'
import { objectName, type ResourceRequest } from './resource-request.ts'

/** Also of /status: the whole object. */
export async function get(resource: ResourceRequest): Promise<ApiResponse> {
  const { request, registry, version } = resource
  const output = outputOf(request, 'object')
  if (booleanValue(request.query, 'export')) {
    throw badRequest('the export parameter, deprecated since v1.14, is no longer supported')
  }
  const item = await registry.get(objectName(resource), readVersion(textValue(request.query, 'resourceVersion')))
  return objectAnswer({ registry, version, output }, item, 200)
}

/** The object as everything that acts for it sees it: with its defaults. It is read, and never written back. */
export async function getEffective(resource: ResourceRequest): Promise<ApiResponse> {
  const { request, registry, version } = resource
  const output = outputOf(request, 'object')
  const { as } = output.representation
  const item = await registry.get(objectName(resource))
  // The cells of a table show what is effective already.
  if (as?.kind === 'Table') return objectAnswer({ registry, version, output }, item, 200)
  const object = registry.effective(item, version)
  return { type: 'object', code: 200, object: as === undefined ? object : partialMetadata(object, as.version) }
}

function readVersion(resourceVersion: string | undefined): ReadVersion {
  if (resourceVersion === undefined) return { kind: 'latest' }
  const revision = parseRevision(resourceVersion)
  return resourceVersion === '0' ? { kind: 'any' } : { kind: 'at-least', revision }
}

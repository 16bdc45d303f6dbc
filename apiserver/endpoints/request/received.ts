import { badRequest } from '../../../machinery/status-errors.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import type { Registry } from '../../registry/registry.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { BodyError, type Body, objectBody } from './body.ts'
import { objectMessage } from './object-message.ts'
import { reported } from './reported.ts'
import type { FieldValidation } from './write-options.ts'

interface Receiving extends Pick<ResourceRequest, 'version' | 'request'> {
  readonly registry: Pick<Registry, 'kind' | 'receive'>
}

/** The object in the body of a POST or PUT; what strict decoding finds is refused or becomes warnings. */
export function receivedObject(resource: Receiving, fieldValidation: FieldValidation): KubeObject {
  const { registry, version, request } = resource
  const { kind } = registry.kind.names
  const body = readBody(resource)
  const { object, unknown } = registry.receive(body.value, version)
  const findings = reported([...unknown.map((path) => `unknown field ${JSON.stringify(path)}`), ...body.duplicates])
  if (fieldValidation === 'Strict' && findings.length > 0) {
    const text = `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}`
    throw badRequest(`${text}: strict decoding error: ${findings.join(', ')}`)
  }
  if (fieldValidation === 'Warn') for (const finding of findings) request.context.warn(finding)
  return object
}

function readBody({ registry, version, request }: Receiving): Body {
  try {
    return objectBody(request, objectMessage(registry.kind, version))
  } catch (error) {
    if (!(error instanceof BodyError)) throw error
    const shown = request.body.length === 0 ? ' (<empty>)' : ''
    const kind = registry.kind.names.kind
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${error.message}${shown}`)
  }
}

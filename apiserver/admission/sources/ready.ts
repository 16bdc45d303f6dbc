import type { KubeObject } from '../../../machinery/object.ts'
import { forbidden } from '../../../machinery/status-errors.ts'
import type { AdmissionRequest } from '../admission.ts'
import type { ConfigurationSource } from '../configuration.ts'

/** The configurations; 403 when they are still unknown after a while: nothing may slip by. */
export async function configurationsFor<T extends KubeObject>(
  source: ConfigurationSource<T>,
  request: AdmissionRequest,
): Promise<readonly T[]> {
  const current = source.current()
  if (current !== undefined) return current
  await source.known(request.context.signal())
  const late = source.current()
  if (late !== undefined) return late
  const of = { group: request.kind.group, resource: request.kind.names.plural }
  throw forbidden(of, request.name, 'not yet ready to handle request')
}

/** Whether it is known that there is none: most clusters have none of most sorts, and writes need not wait for them. */
export function areNone(source: ConfigurationSource): boolean {
  return source.current()?.length === 0
}

import type { ObjectName } from '../../machinery/client.ts'
import { StatusError } from '../../machinery/status.ts'

/** A Status is the API's own word about names and rights; any other text may quote what it was working on. */
export function reasonOf(error: unknown): string {
  return error instanceof StatusError ? error.message : 'the request failed'
}

export function unreadable(kind: string, { namespace, name }: Required<ObjectName>): string {
  return `cannot get Kubernetes ${kind} "${name}" from namespace "${namespace}"`
}

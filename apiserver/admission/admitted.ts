import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import { withMembers } from '../../machinery/json/member.ts'
import type { JsonObject } from '../../machinery/object.ts'
import type { RegistryParts } from '../registry/registry-parts.ts'
import type { Stored } from '../registry/stored.ts'
import { sameContent } from '../registry/writes/strategy.ts'
import type { WriteRequest } from '../registry/writes/write-request.ts'
import { silentContext } from './admission-context.ts'

/**
 * The object with who was admitted for what it makes use of. Only a change of its content asks anew: whoever writes
 * metadata or status neither needs those rights nor lends his own. Throws 403.
 */
export function withAdmitted(
  parts: RegistryParts,
  next: Stored,
  { request, previous }: { readonly request: WriteRequest; readonly previous?: Stored },
): MaybePromise<Stored> {
  const { kind, referenceRights } = parts
  if (referenceRights === undefined || kind.references === undefined) return next
  if (previous !== undefined && sameContent(parts, next.object, previous.object)) return next
  const { user, warn, context = silentContext } = request
  const write = { kind, next, user, warn, annotate: context.annotate }
  const admitted = referenceRights.admit(previous === undefined ? write : { ...write, previous })
  return admitted instanceof Promise ? admitted.then((record) => recorded(next, record)) : recorded(next, admitted)
}

function recorded(next: Stored, admitted: JsonObject | undefined): Stored {
  const { admitted: _, ...others } = next.hidden ?? {}
  const hidden = withMembers<JsonObject>(others, { admitted })
  return Object.keys(hidden).length === 0 ? { object: next.object } : { object: next.object, hidden }
}

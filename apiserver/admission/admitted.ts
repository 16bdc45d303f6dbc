import type { RegistryParts } from '../registry/registry-parts.ts'
import type { Stored } from '../registry/stored.ts'
import { sameContent } from '../registry/writes/strategy.ts'
import type { WriteRequest } from '../registry/writes/write-request.ts'

/**
 * The object with who was admitted for what it makes use of. Only a change of its content asks anew: whoever writes
 * metadata or status neither needs those rights nor lends his own. Throws 403.
 */
export async function withAdmitted(
  parts: RegistryParts,
  next: Stored,
  { request, previous }: { readonly request: WriteRequest; readonly previous?: Stored },
): Promise<Stored> {
  const { kind, referenceRights } = parts
  if (referenceRights === undefined || kind.references === undefined) return next
  if (previous !== undefined && sameContent(parts, next.object, previous.object)) return next
  const { user, warn } = request
  const admitted = await referenceRights.admit({ kind, next, user, warn, ...(previous && { previous }) })
  const { admitted: _, ...others } = next.hidden ?? {}
  const hidden = admitted === undefined ? others : { ...others, admitted }
  return { object: next.object, ...(Object.keys(hidden).length > 0 && { hidden }) }
}

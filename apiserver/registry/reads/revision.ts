import { isResourceVersion } from '../../../machinery/resource-version.ts'
import type { StatusError } from '../../../machinery/status.ts'
import { badRequest, resourceVersionTooLarge } from '../../../machinery/status-errors.ts'
import type { Revision } from '../../../storage/storage.ts'
import type { RegistryParts } from '../registry-parts.ts'

/** The revision that a client's resourceVersion names. Beyond 2^53 it is one that this server never reaches. */
export function parseRevision(resourceVersion: string): Revision {
  if (!isResourceVersion(resourceVersion))
    throw badRequest(`invalid resource version: ${JSON.stringify(resourceVersion)}`)
  return Math.min(Number(resourceVersion), Number.MAX_SAFE_INTEGER) as Revision
}

/** The answer to a revision that storage does not have yet. */
export async function tooLarge(parts: RegistryParts, asked: Revision): Promise<StatusError> {
  const current = await parts.storage.currentRevision()
  return resourceVersionTooLarge(String(asked), String(current))
}

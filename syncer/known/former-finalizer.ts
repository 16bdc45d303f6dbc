import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { WorkNext } from '../../base/queues/work-loop.ts'
import { isStatusReason } from '../../machinery/status.ts'
import type { SyncerParts } from '../syncer-parts.ts'
import { statusManager } from '../target/marks.ts'

/** What External Secrets Operator puts on every ExternalSecret, and nobody but it, or we, would ever take off. */
const formerFinalizer = 'externalsecrets.external-secrets.io/externalsecret-cleanup'

export function hasFormerFinalizer({ metadata }: ExternalSecret): boolean {
  return metadata.finalizers?.includes(formerFinalizer) ?? false
}

/** We add none: the target goes by its owner reference, and no deletion hangs on whether we run. */
export async function removeFormerFinalizer(
  key: string,
  object: ExternalSecret,
  { clients, externalSecrets }: Pick<SyncerParts, 'clients' | 'externalSecrets'>,
): Promise<WorkNext> {
  const finalizers = object.metadata.finalizers?.filter((name) => name !== formerFinalizer) ?? []
  const released = { ...object, metadata: { ...object.metadata, finalizers } }
  try {
    const written = await clients.externalSecrets.update(released, { fieldManager: statusManager })
    if (object.metadata.deletionTimestamp !== undefined) return { next: 'nothing' }
    externalSecrets.written(key, written)
    return { next: 'again' }
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return { next: 'nothing' }
    return isStatusReason(error, 'Conflict') ? { next: 'again' } : { next: 'retry' }
  }
}

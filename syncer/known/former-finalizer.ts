import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import { statusManager } from '../target/marks.ts'

/** What External Secrets Operator puts on every ExternalSecret, and nobody but it, or we, would ever take off. */
const formerFinalizer = 'externalsecrets.external-secrets.io/externalsecret-cleanup'

export function hasFormerFinalizer({ metadata }: ExternalSecret): boolean {
  return metadata.finalizers?.includes(formerFinalizer) ?? false
}

/** We add none: the target goes by its owner reference, and no deletion hangs on whether we run. */
export function removeFormerFinalizer(
  object: ExternalSecret,
  client: ResourceClient<ExternalSecret>,
): Promise<ExternalSecret> {
  const finalizers = object.metadata.finalizers?.filter((name) => name !== formerFinalizer) ?? []
  return client.update({ ...object, metadata: { ...object.metadata, finalizers } }, { fieldManager: statusManager })
}

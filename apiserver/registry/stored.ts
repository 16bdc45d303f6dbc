import type { JsonObject, KubeObject } from '../../machinery/object.ts'
import type { Revision } from '../../storage/storage.ts'

/**
 * What storage keeps of an object. `object` is in the storage version, in canonical member order (see codec.ts) and
 * without resourceVersion, which is the revision of its item. `hidden` is never served: by version, what the storage
 * version cannot say of an object sent in that version; under `admitted`, who has shown the rights that the object
 * makes use of (admission/reference-rights.ts).
 */
export interface Stored {
  readonly object: KubeObject
  readonly hidden?: JsonObject | undefined
}

/** Not `{ ...stored, object }`: what storage answers decodes itself when asked, and has no members to spread. */
export function withObject({ hidden }: Stored, object: KubeObject): Stored {
  return { object, ...(hidden !== undefined && { hidden }) }
}

/** A stored state on its way out; a dry run's creation has no revision. `Item<Stored>` is one. */
export interface StoredState {
  readonly value: Stored
  readonly revision?: Revision
}

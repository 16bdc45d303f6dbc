import { Groups } from '../../base/groups.ts'
import type { ObjectName } from '../../machinery/client.ts'
import type { KubeObject, OwnerReference } from '../../machinery/object.ts'
import type { Registry } from '../registry/registry.ts'
import { foregroundFinalizer, orphanFinalizer } from '../registry/writes/finalizers.ts'

/** What garbage collection knows of an object: nothing but metadata. */
export interface OwnedObject {
  readonly uid: string
  readonly registry: Registry
  readonly at: ObjectName
  readonly owners: readonly OwnerReference[]
  /** Deletion waits until dependents were cut off (`orphaning`) or deleted (`waiting`), or for neither (`leaving`). */
  readonly state: 'living' | 'orphaning' | 'waiting' | 'leaving'
}

/** Most objects have none. */
const nobody: readonly OwnerReference[] = []

export function ownedObject(registry: Registry, { metadata }: KubeObject): OwnedObject {
  const { uid = '', name = '', namespace, ownerReferences = nobody } = metadata
  const at = namespace === undefined ? { name } : { name, namespace }
  return { uid, registry, at, owners: ownerReferences, state: stateOf(metadata) }
}

function stateOf({ deletionTimestamp, finalizers = [] }: KubeObject['metadata']): OwnedObject['state'] {
  if (deletionTimestamp === undefined) return 'living'
  if (finalizers.includes(orphanFinalizer)) return 'orphaning'
  return finalizers.includes(foregroundFinalizer) ? 'waiting' : 'leaving'
}

/**
 * Objects by uid, and who names whom as an owner. Invariant: `#dependents` holds exactly the pairs of the owner
 * references of `#objects`, whether or not the owner is known.
 */
export class OwnerGraph {
  readonly #objects = new Map<string, OwnedObject>()
  readonly #dependents = new Groups()

  get(uid: string): OwnedObject | undefined {
    return this.#objects.get(uid)
  }

  dependentsOf(uid: string): readonly OwnedObject[] {
    return this.#dependents.members(uid).flatMap((each) => this.#objects.get(each) ?? [])
  }

  set(object: OwnedObject): OwnedObject | undefined {
    const previous = this.#objects.get(object.uid)
    if (previous !== undefined) this.#disconnect(previous)
    this.#objects.set(object.uid, object)
    for (const owner of object.owners) this.#dependents.add(owner.uid, object.uid)
    return previous
  }

  delete(uid: string): OwnedObject | undefined {
    const object = this.#objects.get(uid)
    this.#objects.delete(uid)
    if (object !== undefined) this.#disconnect(object)
    return object
  }

  #disconnect({ uid, owners }: OwnedObject): void {
    for (const owner of owners) this.#dependents.remove(owner.uid, uid)
  }
}

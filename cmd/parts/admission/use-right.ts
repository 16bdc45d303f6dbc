import type { LostRight, ReferenceRights } from '../../../apiserver/admission/reference-rights.ts'
import type { Registries } from '../../../apiserver/registry/registries.ts'
import type { Stored } from '../../../apiserver/registry/stored.ts'
import { assert } from '../../../base/assert.ts'
import type { ObjectMeta } from '../../../machinery/object.ts'
import { isStatusReason } from '../../../machinery/status.ts'
import type { SyncerConfig } from '../../../syncer/syncer.ts'

/** Whether an ExternalSecret may go on using its stores, by who was admitted when its spec was written. */
export function useRights(registries: Registries, rights: ReferenceRights): NonNullable<SyncerConfig['mayUse']> {
  const registry = registries.find('external-secrets.io', 'externalsecrets')
  assert(registry !== undefined, 'externalsecrets is served')
  const states = new KnownStates()
  return async ({ metadata }) => {
    const { namespace = '', name = '' } = metadata
    try {
      const { value } = await registry.get({ namespace, name })
      if (!states.isOf(value, metadata)) return { verdict: 'superseded' }
      const lost = await rights.lost(registry.kind, value)
      return lost === undefined ? { verdict: 'yes' } : { verdict: 'no', why: explain(lost) }
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return { verdict: 'superseded' }
      throw error
    }
  }
}

interface State {
  readonly uid: string | undefined
  readonly generation: number | undefined
}

/** Which stored states were seen to be of which object: to look into one again would be to decode it again. */
class KnownStates {
  readonly #known = new WeakMap<Stored, State>()

  isOf(stored: Stored, { uid, generation }: ObjectMeta): boolean {
    const live = this.#known.get(stored) ?? stored.object.metadata
    const isSame = live.uid === uid && live.generation === generation
    // The texts of whoever asks, which are there anyhow.
    if (isSame && !this.#known.has(stored)) this.#known.set(stored, { uid, generation })
    return isSame
  }
}

/** With the binding that would help. */
function explain({ userName, group, reference }: LostRight): string {
  const { verb, resource, name = '', namespace } = reference
  const what = reference.group === '' ? resource : `${resource}.${reference.group}`
  // A right to create has no name.
  const which = name === '' ? what : `${what} ${JSON.stringify(name)}`
  const who = `neither User ${JSON.stringify(userName)} nor Group ${JSON.stringify(group)}`
  const sort =
    namespace === undefined ? 'ClusterRoleBinding' : `RoleBinding in the namespace ${JSON.stringify(namespace)}`
  const binding = `a ${sort} of a role with the verb ${JSON.stringify(verb)} on ${what} to that group would help`
  return `refreshing has stopped: ${who} can ${verb} ${which} any more; ${binding}`
}

import type { LostRight, ReferenceRights } from '../../../apiserver/admission/reference-rights.ts'
import type { Registries } from '../../../apiserver/registry/registries.ts'
import { assert } from '../../../base/assert.ts'
import { isStatusReason } from '../../../machinery/status.ts'
import type { SyncerConfig } from '../../../syncer/syncer.ts'

/** Whether an ExternalSecret may go on using its stores, by who was admitted when its spec was written. */
export function useRights(registries: Registries, rights: ReferenceRights): NonNullable<SyncerConfig['mayUse']> {
  const registry = registries.find('external-secrets.io', 'externalsecrets')
  assert(registry !== undefined, 'externalsecrets is served')
  return async ({ metadata: { namespace = '', name = '', uid, generation } }) => {
    try {
      const { value } = await registry.get({ namespace, name })
      const live = value.object.metadata
      if (live.uid !== uid || live.generation !== generation) return { verdict: 'superseded' }
      const lost = await rights.lost(registry.kind, value)
      return lost === undefined ? { verdict: 'yes' } : { verdict: 'no', why: explain(lost) }
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return { verdict: 'superseded' }
      throw error
    }
  }
}

/** With the binding that would help. */
function explain({ userName, group, reference }: LostRight): string {
  const { verb, resource, name = '', namespace } = reference
  const what = reference.group === '' ? resource : `${resource}.${reference.group}`
  const who = `neither User ${JSON.stringify(userName)} nor Group ${JSON.stringify(group)}`
  const sort =
    namespace === undefined ? 'ClusterRoleBinding' : `RoleBinding in the namespace ${JSON.stringify(namespace)}`
  const binding = `a ${sort} of a role with the verb ${JSON.stringify(verb)} on ${what} to that group would help`
  return `refreshing has stopped: ${who} can ${verb} ${what} ${JSON.stringify(name)} any more; ${binding}`
}

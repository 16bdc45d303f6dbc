import type { ClusterResource } from '../../../cluster/resource-client.ts'
import type { OwnAccess } from '../../../cluster/reviews/self-subject-access-review.ts'
import type { Options } from '../../options.ts'

/**
 * Where targets of a kind are watched. Under `granted` our own rights decide, and are asked for: a role that gives list
 * and watch gives every Secret of the namespace, so the default role gives neither.
 */
export function watching(
  { watchSecrets }: Options,
  { group, plural }: ClusterResource,
  mayWe: (access: OwnAccess) => Promise<boolean>,
): (namespace: string) => Promise<boolean> {
  if (watchSecrets !== 'granted') return () => Promise.resolve(watchSecrets === 'always')
  return async (namespace) => {
    try {
      const access = { ...(group !== '' && { group }), resource: plural, namespace }
      return (await mayWe({ ...access, verb: 'list' })) && (await mayWe({ ...access, verb: 'watch' }))
    } catch {
      // Reading by name works either way, and this is asked again.
      return false
    }
  }
}

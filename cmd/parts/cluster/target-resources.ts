import { discoveredResource } from '../../../cluster/discovered-resource.ts'
import { metadataReader } from '../../../cluster/resource-client.ts'
import type { OwnAccess } from '../../../cluster/reviews/self-subject-access-review.ts'
import type { SyncerClients } from '../../../syncer/syncer-parts.ts'
import type { Options } from '../../options.ts'
import type { Cluster } from './cluster.ts'
import { watching } from './watching.ts'

interface TargetResourcesOptions {
  readonly options: Options
  readonly cluster: Cluster
  readonly ownAccess: (access: OwnAccess) => Promise<boolean>
}

/** The kinds of the cluster that values may be written to: every namespaced one that its discovery names. */
export function targetResources({
  options,
  cluster,
  ownAccess,
}: TargetResourcesOptions): NonNullable<SyncerClients['targetResources']> {
  const { patientCalls, patientOf } = cluster
  return async (wanted) => {
    const resource = await discoveredResource(patientCalls, wanted)
    if (resource === undefined) return undefined
    return {
      client: patientOf(resource),
      readMetadata: metadataReader(patientCalls, resource),
      mayWatch: watching(options, resource, ownAccess),
    }
  }
}

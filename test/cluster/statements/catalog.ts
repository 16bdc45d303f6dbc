import type { Statement } from '../../conformance/statement.ts'
import { backups } from './backups.ts'
import { clients } from './clients.ts'
import { controllers } from './controllers.ts'
import { discovery } from './discovery.ts'
import { elsewhere } from './elsewhere.ts'
import { identities } from './identities.ts'
import { namespaces } from './namespaces.ts'
import { owners } from './owners.ts'
import { policies } from './policies.ts'
import { rights } from './rights.ts'
import { matching } from './webhooks/matching.ts'
import { told } from './webhooks/told.ts'
import { verdicts } from './webhooks/verdicts.ts'
import type { World } from './world.ts'

/** Every statement that takes a cluster, by number. Where a number stands twice, the second goes beyond it. */
export function clusterStatements(world: World): readonly Statement[] {
  const unordered = [
    backups,
    clients,
    controllers,
    discovery,
    identities,
    namespaces,
    owners,
    policies,
    rights,
    matching,
    told,
    verdicts,
  ].flatMap((of) => of(world))
  return [...unordered, ...elsewhere].toSorted((left, right) => left.number - right.number)
}

import type { DiscoveredKind } from '../../cluster/discovered-resource.ts'
import { listMetadata, patchOwners } from '../../cluster/owned-objects.ts'
import type { ObjectMeta, OwnerReference } from '../../machinery/object.ts'
import { isStatusReason } from '../../machinery/status.ts'
import type { Cluster } from '../parts/cluster/cluster.ts'
import type { Terminal } from '../terminal.ts'

interface Freeing {
  readonly cluster: Cluster
  readonly of: DiscoveredKind
  /** All objects when absent. */
  readonly selector?: string
  /** Whether the garbage collector must not ask for this owner any more. */
  readonly isTakenAway: (owner: OwnerReference) => boolean
  readonly terminal: Terminal
}

export interface Freed {
  readonly freed: number
  /** By somebody else, while it was to be freed: it has to be looked at again. */
  readonly changed: number
}

export const secretKind: DiscoveredKind = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' }

/** Takes owners away from objects of a kind, so that the garbage collector leaves these alone; says of which. */
export async function freeObjects({ cluster, of, selector, isTakenAway, terminal }: Freeing): Promise<Freed> {
  const counts = { freed: 0, changed: 0, gone: 0 }
  for (const found of await listMetadata(cluster.patientCalls, of, selector)) {
    const owners = found.ownerReferences ?? []
    const kept = owners.filter((owner) => !isTakenAway(owner))
    if (kept.length === owners.length) continue
    const outcome = await free(cluster, of, { ...found, ownerReferences: kept })
    counts[outcome] += 1
    const { namespace = '', name = '' } = found
    if (outcome === 'freed') terminal.print(`${of.kind} ${namespace}/${name}: owner taken away\n`)
  }
  return counts
}

/** As it was listed or not at all: whoever wrote it meanwhile may have given it another owner. */
async function free(cluster: Cluster, of: DiscoveredKind, wanted: ObjectMeta): Promise<'freed' | 'gone' | 'changed'> {
  try {
    await patchOwners(cluster.patientCalls, of, wanted)
    return 'freed'
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return 'gone'
    if (isStatusReason(error, 'Conflict')) return 'changed'
    throw error
  }
}

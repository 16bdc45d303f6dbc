import { type DiscoveredKind, discoveredKinds } from '../../cluster/discovered-resource.ts'
import type { OwnerReference } from '../../machinery/object.ts'
import { StatusError } from '../../machinery/status.ts'
import { managedSelector } from '../../syncer/target/marks.ts'
import { UsageError } from '../errors.ts'
import type { Cluster } from '../parts/cluster/cluster.ts'
import type { Terminal } from '../terminal.ts'
import { type Freed, freeObjects, secretKind } from './freed-objects.ts'

interface Freeing {
  readonly cluster: Cluster
  /** The groups that we serve: what is in them is no target. */
  readonly ours: ReadonlySet<string>
  /** Of Secrets; of other kinds what has our mark is looked at. */
  readonly secretSelector: string
  readonly isTakenAway: (owner: OwnerReference) => boolean
  readonly terminal: Terminal
}

/** Secrets first: the core group is known, and what is not told of others must not hide it. */
export async function targetKinds({ cluster, ours, terminal }: Freeing): Promise<readonly DiscoveredKind[]> {
  const { kinds, silent } = await discoveredKinds(cluster.patientCalls)
  for (const group of silent.filter((group) => !ours.has(group))) {
    terminal.print(`${group} does not answer: its objects were not looked at\n`)
  }
  const others = kinds.filter(({ group, plural }) => !ours.has(group) && !(group === '' && plural === 'secrets'))
  return [secretKind, ...others]
}

/** Takes owners away from objects of all these kinds, once. */
export async function freeKinds(freeing: Freeing, kinds: readonly DiscoveredKind[]): Promise<Freed> {
  const total = { freed: 0, changed: 0 }
  for (const of of kinds) {
    const selector = of === secretKind ? freeing.secretSelector : managedSelector
    const { freed, changed } = await freeObjects({ ...freeing, of, selector }).catch((error: unknown) =>
      notFreed(error, of, freeing),
    )
    total.freed += freed
    total.changed += changed
  }
  return total
}

/** Rights can be had. What is away, or no list at all, must not keep the server here. */
function notFreed(error: unknown, { group, plural }: DiscoveredKind, { terminal }: Freeing): Freed {
  if (!(error instanceof StatusError)) throw error
  const isNeeded = group === '' || error.reason === 'Forbidden' || error.reason === 'Unauthorized'
  if (isNeeded)
    throw new UsageError(`${plural} may not be listed and changed (${error.reason}): run it as administrator`)
  terminal.print(`${plural}.${group} cannot be listed (${error.reason}): they were not looked at\n`)
  return { freed: 0, changed: 0 }
}

import type { Clock } from '../../base/clock.ts'
import { type DiscoveredKind, discoveredKinds } from '../../cluster/discovered-resource.ts'
import { parseApiVersion } from '../../machinery/group-version.ts'
import type { OwnerReference } from '../../machinery/object.ts'
import { StatusError } from '../../machinery/status.ts'
import { managedSelector } from '../../syncer/target/marks.ts'
import { UsageError } from '../errors.ts'
import type { Cluster } from '../parts/cluster/cluster.ts'
import type { Terminal } from '../terminal.ts'
import { type Freed, freeObjects, secretKind } from './freed-objects.ts'

interface Around {
  readonly cluster: Cluster
  /** The groups whose owners are taken away. */
  readonly leaving: ReadonlySet<string>
  readonly clock: Clock
  readonly terminal: Terminal
}

/**
 * Takes every owner of the groups away, and resolves when no collector has an object of before in its hands. All
 * Secrets are looked at, and of other kinds what has our mark.
 */
export async function freeAll(around: Around, signal: AbortSignal): Promise<void> {
  const kinds = await otherKinds(around)
  for (let passes = 0; passes < passesMax; passes += 1) {
    signal.throwIfAborted()
    const { freed, changed } = await pass(around, kinds)
    if (freed + changed === 0) return
    await around.clock.sleep(collectorMs, signal)
  }
  throw new UsageError('objects get owners again and again: stop what writes them, and run it again')
}

const passesMax = 5
/**
 * A worker of the collector reads an object, then its owners, then deletes. Those of today name the version of the
 * object that they read; for older ones this is far longer than the reads of one worker wait for their turn.
 */
const collectorMs = 5000

/** The core group is known: what is not told of others must not hide it. */
async function otherKinds({ cluster, leaving, terminal }: Around): Promise<readonly DiscoveredKind[]> {
  const { kinds, silent } = await discoveredKinds(cluster.patientCalls)
  for (const group of silent.filter((group) => !leaving.has(group))) {
    terminal.print(`${group} does not answer: its objects were not looked at\n`)
  }
  return kinds.filter(({ group, plural }) => !leaving.has(group) && !(group === '' && plural === secretKind.plural))
}

async function pass(around: Around, others: readonly DiscoveredKind[]): Promise<Freed> {
  const { leaving } = around
  const isTakenAway = ({ apiVersion }: OwnerReference): boolean => leaving.has(parseApiVersion(apiVersion)?.group ?? '')
  const total = { freed: 0, changed: 0 }
  for (const of of [secretKind, ...others]) {
    const selector = of === secretKind ? '' : managedSelector
    const { freed, changed } = await freeObjects({ ...around, of, selector, isTakenAway }).catch((error: unknown) =>
      notFreed(error, of, around),
    )
    total.freed += freed
    total.changed += changed
  }
  return total
}

/** Rights can be had. What is away, or no list at all, must not keep the server here. */
function notFreed(error: unknown, { group, plural }: DiscoveredKind, { terminal }: Around): Freed {
  if (!(error instanceof StatusError)) throw error
  const isNeeded = group === '' || error.reason === 'Forbidden' || error.reason === 'Unauthorized'
  if (isNeeded)
    throw new UsageError(`${plural} may not be listed and changed (${error.reason}): run it as administrator`)
  terminal.print(`${plural}.${group} cannot be listed (${error.reason}): they were not looked at\n`)
  return { freed: 0, changed: 0 }
}

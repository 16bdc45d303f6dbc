import type { Clock } from '../../base/clock.ts'
import { parseApiVersion } from '../../machinery/group-version.ts'
import type { OwnerReference } from '../../machinery/object.ts'
import { UsageError } from '../errors.ts'
import type { Cluster } from '../parts/cluster/cluster.ts'
import type { Terminal } from '../terminal.ts'
import { freeKinds, targetKinds } from './free-kinds.ts'

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
export async function freeAll({ leaving, clock, ...around }: Around, signal: AbortSignal): Promise<void> {
  const freeing = {
    ...around,
    ours: leaving,
    secretSelector: '',
    isTakenAway: ({ apiVersion }: OwnerReference) => leaving.has(parseApiVersion(apiVersion)?.group ?? ''),
  }
  const kinds = await targetKinds(freeing)
  for (let passes = 0; passes < passesMax; passes += 1) {
    signal.throwIfAborted()
    const { freed, changed } = await freeKinds(freeing, kinds)
    if (freed + changed === 0) return
    await clock.sleep(collectorMs, signal)
  }
  throw new UsageError('objects get owners again and again: stop what writes them, and run it again')
}

const passesMax = 5
/**
 * A worker of the collector reads an object, then its owners, then deletes. Those of today name the version of the
 * object that they read; for older ones this is far longer than the reads of one worker wait for their turn.
 */
const collectorMs = 5000

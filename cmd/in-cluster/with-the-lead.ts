import type { Clock } from '../../base/clock.ts'
import { silentLogger as log } from '../../base/log.ts'
import type { Options } from '../options.ts'
import type { Cluster } from '../parts/cluster/cluster.ts'
import { electionOf } from '../parts/cluster/election.ts'

interface Around {
  readonly options: Options
  readonly cluster: Cluster
  readonly clock: Clock
}

/**
 * Does the work while it holds the Lease that a syncer needs: none writes meanwhile. Answers false when it cannot be
 * had because another keeps it. The signal aborts when it is lost.
 */
export async function withTheLead(
  { options, cluster, clock }: Around,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const election = await electionOf({ options, cluster, clock, log })
  const over = new AbortController()
  if (election === undefined) {
    await work(over.signal)
    return true
  }
  let isLed = false
  const waited = new AbortController()
  // The lease of a leader that was killed has run out by then.
  const patienceMs = 2 * options.leaderElectLeaseDuration
  const waiting = clock.sleep(patienceMs, waited.signal).then(
    () => over.abort(),
    () => undefined,
  )
  await election.run(async (signal) => {
    isLed = true
    waited.abort()
    await work(signal)
    over.abort()
  }, over.signal)
  await waiting
  return isLed
}

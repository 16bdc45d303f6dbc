import { hostname } from 'node:os'
import { systemRandomness } from '../../../apiserver/registry/randomness.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import { LeaseElection } from '../../../cluster/lease.ts'
import { UsageError } from '../../errors.ts'
import type { Options } from '../../options.ts'
import type { Cluster } from './cluster.ts'
import { ownNamespace } from './own-namespace.ts'

interface Around {
  readonly options: Options
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Logger
}

/** The syncer's election, as the flags describe it; undefined where there is none. */
export async function electionOf({ options, cluster, clock, log }: Around): Promise<LeaseElection | undefined> {
  if (!options.leaderElect) return undefined
  const { leaderElectLeaseDuration, leaderElectRenewDeadline, leaderElectRetryPeriod } = options
  if (leaderElectLeaseDuration <= leaderElectRenewDeadline) {
    throw new UsageError('--leader-elect-lease-duration must be longer than --leader-elect-renew-deadline')
  }
  if (leaderElectRenewDeadline <= leaderElectRetryPeriod * 1.2 || leaderElectRetryPeriod === 0) {
    throw new UsageError('--leader-elect-renew-deadline must be longer than 1.2 times --leader-elect-retry-period')
  }
  return new LeaseElection({
    clock,
    log,
    random: cluster.reviewer.random,
    leases: cluster.prompt('coordination.k8s.io', 'leases'),
    at: {
      namespace: options.leaderElectResourceNamespace || (await ownNamespace(options)),
      name: options.leaderElectResourceName,
    },
    identity: `${hostname()}_${systemRandomness.uuid()}`,
    leaseDurationMs: leaderElectLeaseDuration,
    renewDeadlineMs: leaderElectRenewDeadline,
    retryPeriodMs: leaderElectRetryPeriod,
  })
}

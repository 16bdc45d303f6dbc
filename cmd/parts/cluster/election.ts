import { hostname } from 'node:os'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import { type ElectionLease, LeaseElection } from '../../../cluster/lease.ts'
import type { ResourceClient } from '../../../machinery/client.ts'
import { UsageError } from '../../errors.ts'
import type { Options } from '../../options.ts'

interface Around {
  readonly options: Options
  readonly leases: ResourceClient<ElectionLease>
  readonly namespace: string
  readonly clock: Clock
  readonly log: Logger
  readonly random: () => number
  readonly newUid: () => string
}

/** The election that the flags describe; undefined where there is none. */
export function electionOf({ options, leases, namespace, newUid, ...around }: Around): LeaseElection | undefined {
  if (!options.leaderElect) return undefined
  const { leaderElectLeaseDuration, leaderElectRenewDeadline, leaderElectRetryPeriod } = options
  if (leaderElectLeaseDuration <= leaderElectRenewDeadline) {
    throw new UsageError('--leader-elect-lease-duration must be longer than --leader-elect-renew-deadline')
  }
  if (leaderElectRenewDeadline <= leaderElectRetryPeriod * 1.2 || leaderElectRetryPeriod === 0) {
    throw new UsageError('--leader-elect-renew-deadline must be longer than 1.2 times --leader-elect-retry-period')
  }
  return new LeaseElection({
    ...around,
    leases,
    at: { namespace: options.leaderElectResourceNamespace || namespace, name: options.leaderElectResourceName },
    identity: `${hostname()}_${newUid()}`,
    leaseDurationMs: leaderElectLeaseDuration,
    renewDeadlineMs: leaderElectRenewDeadline,
    retryPeriodMs: leaderElectRetryPeriod,
  })
}

import { createOutbound } from '../../base/http.ts'
import type { Surroundings, Syncing } from '../hosts/host.ts'
import { outboundOptions } from '../parts/limits.ts'
import { UsageError } from '../errors.ts'
import type { FollowedCertificate } from '../parts/certificates/followed-certificate.ts'
import { LastSyncTimes } from './last-sync-times.ts'
import { twoProcesses } from './names.ts'
import { remoteSyncer } from './remote-syncer.ts'

/** The syncer of the other process, as far as this one has to do with it. */
export async function syncingElsewhere(
  { options, clock, shutdown }: Surroundings,
  certificate: FollowedCertificate,
): Promise<Syncing> {
  const { syncHost } = await twoProcesses(options)
  const address = options.syncAddress || `${syncHost}:443`
  if (!/^[^/@]+:\d{1,5}$/.test(address)) {
    throw new UsageError(`--sync-address: ${JSON.stringify(address)} is not HOST:PORT`)
  }
  // The address is the operator's own choice: unlike those of stores it may be anywhere.
  const outbound = createOutbound({
    ...outboundOptions(options),
    allowedNetworks: ['0.0.0.0/0', '::/0'],
    timeoutMs: options.writeTimeout,
  })
  shutdown.onEnd('client of the other process', () => outbound[Symbol.asyncDispose]())
  const handed = () => certificate.current
  const syncer = remoteSyncer({ address, handed, outbound, timeoutMs: options.writeTimeout })
  const times = new LastSyncTimes({ syncer, clock })
  return { verbs: syncer.verbs, live: times, work: times }
}

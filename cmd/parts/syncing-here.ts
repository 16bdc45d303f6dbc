import { randomBytes } from 'node:crypto'
import { createOutbound } from '../../base/http.ts'
import { loadProvider } from '../../providers/catalog.gen.ts'
import type { SyncerClients } from '../../syncer/syncer-parts.ts'
import { createSyncer, type LiveValues, type SyncerConfig } from '../../syncer/syncer.ts'
import type { Surroundings, Syncing, SyncingHere } from '../hosts/host.ts'
import { ambientCredentials } from './ambient-credentials.ts'
import { outboundOptions, syncerOptions } from './limits.ts'

interface SyncerSurroundings extends Omit<SyncingHere, 'clients'> {
  readonly clients: SyncerClients
  readonly mayUse: NonNullable<SyncerConfig['mayUse']>
}

/** The syncer of this process, with its way out. */
export function syncingHere(
  { options, clock, log, metrics, shutdown }: Surroundings,
  { clients, led, requestToken, installation, mayUse }: SyncerSurroundings,
): Syncing & { readonly live: LiveValues } {
  const outbound = createOutbound(outboundOptions(options))
  shutdown.onEnd('outbound', () => outbound[Symbol.asyncDispose]())
  const syncer = createSyncer({
    clients,
    loadProvider,
    ambient: ambientCredentials(options),
    ...(requestToken && { requestToken }),
    ...(installation && { installation }),
    mayUse,
    outbound,
    clock,
    random: randomBytes,
    log,
    metrics,
    options: syncerOptions(options),
  })
  return { live: syncer.live, verbs: syncer.verbs, work: led(syncer) }
}

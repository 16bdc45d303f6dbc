import { tokenAcceptance } from '../../../cluster/reviews/token-acceptance.ts'
import type { SyncerConfig } from '../../../syncer/syncer.ts'
import type { Options } from '../../options.ts'
import { twoProcesses } from '../../two-processes/names.ts'
import type { Cluster } from './cluster.ts'

/** What of the cluster is this server's own, as one process or as two. */
export async function installationOf(
  options: Options,
  { reviewer }: Cluster,
): Promise<NonNullable<SyncerConfig['installation']>> {
  const { authority, certificate, syncCertificate } = await twoProcesses(options)
  // The last one is where components/cert-manager has the authority's key.
  const names = [authority, certificate, syncCertificate, { name: `${options.serviceName}-issuer` }]
  return {
    namespace: authority.namespace,
    keySecrets: new Set(names.map(({ name }) => name)),
    accepts: tokenAcceptance(reviewer),
  }
}

import { metadataReader } from '../../cluster/resource-client.ts'
import { selfSubjectAccessReview } from '../../cluster/reviews/self-subject-access-review.ts'
import { tokenRequest } from '../../cluster/reviews/token-request.ts'
import { fencedClients } from '../../syncer/leading/fenced-clients.ts'
import type { Cluster } from '../parts/cluster/cluster.ts'
import { electionOf } from '../parts/cluster/election.ts'
import { installationOf } from '../parts/cluster/installation.ts'
import { generatorGroup } from '../parts/local-clients.ts'
import { targetResources } from '../parts/cluster/target-resources.ts'
import { watching } from '../parts/cluster/watching.ts'
import type { Surroundings, SyncingHere } from './host.ts'

/** The syncer's side of a cluster: our own kinds are where it is told, all else is there, and one process leads. */
export async function syncingInCluster(around: Surroundings, cluster: Cluster): Promise<SyncingHere> {
  const { options, clock, log, metrics } = around
  const { reviewer, patient, patientCalls } = cluster
  const ownAccess = selfSubjectAccessReview(reviewer)
  const election = await electionOf({ options, cluster, clock, log })
  if (election !== undefined) {
    const status = metrics.gauge('leader_election_master_status', 'Whether this process synchronizes now.')
    metrics.onRender(() => status.set({ name: options.leaderElectResourceName }, election.isLeading ? 1 : 0))
  }
  return {
    clients: (ours) =>
      fencedClients(
        {
          externalSecrets: ours(group, 'externalsecrets'),
          secretStores: ours(group, 'secretstores'),
          clusterSecretStores: ours(group, 'clustersecretstores'),
          secrets: patient('', 'secrets'),
          readSecretMetadata: metadataReader(patientCalls, secrets),
          mayWatchSecrets: watching(options, secrets, ownAccess),
          ...(options.unsafeAllowGenericTargets && {
            targetResources: targetResources({ options, cluster, ownAccess }),
          }),
          configMaps: patient('', 'configmaps'),
          namespaces: patient('', 'namespaces'),
          serviceAccounts: patient('', 'serviceaccounts'),
          generatorStates: ours(generatorGroup, 'generatorstates'),
          generators: (plural) => ours(generatorGroup, plural),
          events: patient('', 'events'),
        },
        () => election?.isLeading ?? true,
      ),
    requestToken: tokenRequest(patientCalls),
    installation: await installationOf(options, cluster),
    led: (work) =>
      election === undefined ? work : { run: (signal) => election.run((leading) => work.run(leading), signal) },
  }
}

const group = 'external-secrets.io'
const secrets = { group: '', version: 'v1', plural: 'secrets' }

import { CertificatePool } from '../../apiserver/authentication/certificate-pool.ts'
import { reviewedTokens } from '../../apiserver/authentication/bearer-token.ts'
import { union } from '../../apiserver/authentication/union.ts'
import { anybodyMayRead, firstOpinion } from '../../apiserver/authorization/authorizer.ts'
import { delegated } from '../../apiserver/authorization/delegated.ts'
import type { KeyPair } from '../../apiserver/certificates/authority.ts'
import { renewServing } from '../../apiserver/certificates/renewal.ts'
import { SelfMadeCertificates } from '../../apiserver/certificates/self-made.ts'
import type { TlsMaterial } from '../../apiserver/http/app.ts'
import { type ApiServer, createServer } from '../../apiserver/server.ts'
import { subjectAccessReview } from '../../cluster/reviews/subject-access-review.ts'
import { tokenReview } from '../../cluster/reviews/token-review.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { Surroundings } from '../hosts/host.ts'
import { syncingInCluster } from '../hosts/syncing-in-cluster.ts'
import { type Cluster, openCluster } from '../parts/cluster/cluster.ts'
import { certificateOptions, localHosts, serverLimits, servingHosts } from '../parts/limits.ts'
import { generatorGroup } from '../parts/local-clients.ts'
import { metricsDocument } from '../parts/metrics-document.ts'
import { publicPaths } from '../parts/public-paths.ts'
import { syncingHere } from '../parts/syncing-here.ts'
import type { Program } from '../wire.ts'
import { callerAlone, callerCertificate } from './api-caller.ts'
import { handedCertificate } from './handed-certificate.ts'
import { twoProcesses } from './names.ts'
import { remoteUseRight } from './remote-use-right.ts'
import { secretKeyPairs } from './secret-key-pairs.ts'
import type { AskedSyncer } from './syncer-calls.ts'
import { syncerEndpoint, syncerResources } from './syncer-endpoint.ts'

/**
 * The process that synchronizes and serves nothing: it keeps the key of the authority, gives the other process its
 * certificate, and answers that one alone. Objects of our kinds are reached through kube-apiserver like all others.
 */
export async function wireSync(around: Surroundings): Promise<Program> {
  const { options, clock, log, shutdown } = around
  const cluster = await openCluster(around)
  shutdown.onEnd('clients of the cluster', () => cluster[Symbol.asyncDispose]())
  const { authorityPem, current } = await openCertificates(around, cluster)
  const first = await current()
  const tlsOf = (pair: KeyPair): TlsMaterial => ({ ...pair, clientAuthorityPem: authorityPem() })

  const here = await syncingInCluster(around, cluster)
  const mayUse = remoteUseRight(cluster.reviewer.client)
  const ours = here.clients((group, plural) =>
    cluster.patientOf({ group, version: group === generatorGroup ? 'v1alpha1' : 'v1', plural }),
  )
  const syncing = syncingHere(around, { ...here, clients: ours, mayUse })
  const asked = { verbs: syncing.verbs, lastSyncTimes: async () => syncing.live.lastSyncTimes() }
  const server = await openServer(around, { cluster, tls: tlsOf(first), authorityPem, asked })
  shutdown.onEnd('server', () => server.close())
  const run = (): void => {
    const use = (pair: KeyPair): void => server.useTls(tlsOf(pair))
    const renewal = { clock, log, periodMs: options.certificateCheckInterval, first, current, use }
    shutdown.runs('renewal', { run: (signal) => renewServing(renewal, signal) })
    shutdown.runs('syncer', syncing.work)
  }
  return { server, open: async () => ({ run }) }
}

interface SyncCertificates {
  /** Looks after all that there is to look after, and answers the own one. */
  readonly current: () => Promise<KeyPair>
  /** Of the other process's certificate, as it is now. */
  readonly authorityPem: () => string
}

async function openCertificates(around: Surroundings, { prompt }: Cluster): Promise<SyncCertificates> {
  const { options, clock, log, interrupted } = around
  const { apiHost, authority, certificate, syncCertificate, syncHost } = await twoProcesses(options)
  const secrets = prompt<Secret>('', 'secrets')
  if (options.certificates === 'secret') {
    const handed = await handedCertificate({ secrets, at: syncCertificate, clock, log, interrupted })
    return { current: () => handed.serving(), authorityPem: () => handed.authorityCertificate }
  }
  const pairs = secretKeyPairs({ secrets, places: { ca: authority, peer: certificate } })
  const certificates = await SelfMadeCertificates.open({
    ...certificateOptions(options, clock, pairs),
    isFollowed: true,
  })
  return {
    authorityPem: () => certificates.authorityCertificate,
    current: async () => {
      await certificates.peer([...localHosts, apiHost])
      return certificates.serving([...servingHosts(options), syncHost])
    },
  }
}

interface SyncServer {
  readonly cluster: Cluster
  readonly tls: TlsMaterial
  readonly authorityPem: () => string
  readonly asked: AskedSyncer
}

/** Probes for everybody, metrics for those who may, verbs for the other process. */
function openServer(around: Surroundings, { cluster, tls, authorityPem, asked }: SyncServer): Promise<ApiServer> {
  const { options, clock, log, metrics } = around
  const { reviewer } = cluster
  return createServer({
    tls,
    authenticate: union([
      callerCertificate(clock, poolOf(authorityPem)),
      reviewedTokens({ clock, review: tokenReview(reviewer) }),
    ]),
    authorize: callerAlone(
      firstOpinion([anybodyMayRead(publicPaths), delegated({ clock, review: subjectAccessReview(reviewer) })]),
    ),
    publicPaths,
    documents: new Map([['/metrics', metricsDocument(metrics)]]),
    resources: syncerResources,
    dispatch: syncerEndpoint(asked),
    checks: [],
    limits: serverLimits(options),
    clock,
    log,
    metrics,
  })
}

/** Read again when it is another one. */
function poolOf(pem: () => string): () => CertificatePool {
  let known = { pem: pem(), pool: CertificatePool.parse(pem()) }
  return () => {
    if (pem() !== known.pem) known = { pem: pem(), pool: CertificatePool.parse(pem()) }
    return known.pool
  }
}

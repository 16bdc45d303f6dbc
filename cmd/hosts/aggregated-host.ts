import { reviewedTokens } from '../../apiserver/authentication/bearer-token.ts'
import { CertificatePool } from '../../apiserver/authentication/certificate-pool.ts'
import { clientCertificates } from '../../apiserver/authentication/client-certificate.ts'
import { requestHeaders } from '../../apiserver/authentication/request-header.ts'
import { union } from '../../apiserver/authentication/union.ts'
import { anybodyMayRead, firstOpinion, mastersMayEverything } from '../../apiserver/authorization/authorizer.ts'
import { delegated } from '../../apiserver/authorization/delegated.ts'
import { systemRandomness } from '../../apiserver/registry/randomness.ts'
import { type ClusterClient, createClusterClient } from '../../cluster/client.ts'
import { inClusterConfig } from '../../cluster/cluster-config.ts'
import { readKubeconfig } from '../../cluster/kubeconfig.ts'
import { type AuthenticationSettings, RequestHeaderCa } from '../../cluster/request-header-ca.ts'
import { metadataReader, resourceClient } from '../../cluster/resource-client.ts'
import { selfSubjectAccessReview } from '../../cluster/reviews/self-subject-access-review.ts'
import { subjectAccessReview } from '../../cluster/reviews/subject-access-review.ts'
import { tokenReview } from '../../cluster/reviews/token-review.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { podEnvironment } from '../options.ts'
import { reviewLimits, syncerLimits } from '../parts/cluster-limits.ts'
import { clientOf } from '../parts/local-clients.ts'
import { publicPaths } from '../parts/public-paths.ts'
import { secretWatching } from '../parts/secret-watching.ts'
import type { Host, Surroundings } from './host.ts'
import { HostNamespaces } from './host-namespaces.ts'

/**
 * Behind a kube-apiserver: it says who asks, what they may do and which namespaces there are; Secrets and all else but
 * our own kinds are its.
 */
export async function aggregatedHost({ options, clock, log, shutdown }: Surroundings): Promise<Host> {
  const config =
    options.kubeconfig === '' ? await inClusterConfig(podEnvironment()) : await readKubeconfig(options.kubeconfig)
  const open = async (name: string, limits: Parameters<typeof createClusterClient>[1]): Promise<ClusterClient> => {
    const client = await createClusterClient(config, limits)
    shutdown.onEnd(name, () => client[Symbol.asyncDispose]())
    return client
  }
  // Two, so that no amount of syncing makes a request wait for its review.
  const reviews = await open('client for reviews', reviewLimits(options, clock))
  const objects = await open('client for objects', syncerLimits(options, clock))
  const random = () => systemRandomness.number()
  const core = <T extends KubeObject>(client: ClusterClient, plural: string): ResourceClient<T> =>
    resourceClient<T>(
      client,
      { group: '', version: 'v1', plural },
      { clock, random, log: log.child({ watch: plural }) },
    )
  const trust = await RequestHeaderCa.open({ configMaps: core(reviews, 'configmaps'), log, read: trustOf })
  const namespaces = new HostNamespaces(core(reviews, 'namespaces'))
  const reviewer = { client: reviews, clock, random }
  return {
    moreKinds: [],
    authenticate: union([
      requestHeaders({ clock, proxy: () => trust.current.frontProxy }),
      clientCertificates(clock, () => trust.current.clients),
      reviewedTokens({ clock, review: tokenReview(reviewer) }),
    ]),
    authorize: firstOpinion([
      mastersMayEverything,
      anybodyMayRead(publicPaths),
      delegated({ clock, review: subjectAccessReview(reviewer) }),
    ]),
    authoritiesPem: () => trust.current.authoritiesPem,
    namespaceState: (_registries, namespace) => namespaces.stateOf(namespace),
    prepare: async () => undefined,
    syncerClients: (registries) => ({
      externalSecrets: clientOf(registries, group, 'externalsecrets'),
      secretStores: clientOf(registries, group, 'secretstores'),
      clusterSecretStores: clientOf(registries, group, 'clustersecretstores'),
      secrets: core(objects, 'secrets'),
      readSecretMetadata: metadataReader(objects, { group: '', version: 'v1', plural: 'secrets' }),
      mayWatchSecrets: secretWatching(options, selfSubjectAccessReview(reviewer)),
      configMaps: core(objects, 'configmaps'),
      namespaces: core(objects, 'namespaces'),
      events: core(objects, 'events'),
    }),
    run: ({ authoritiesChanged }) => {
      shutdown.runs('authentication settings', { run: (signal) => trust.follow(authoritiesChanged, signal) })
      shutdown.runs('namespaces', { run: (signal) => namespaces.run(signal) })
    },
  }
}

const group = 'external-secrets.io'

function trustOf(settings: AuthenticationSettings) {
  const { clientAuthorityPem, requestHeaderAuthorityPem } = settings
  return {
    clients: CertificatePool.parse(clientAuthorityPem),
    frontProxy: { ...settings, authorities: CertificatePool.parse(requestHeaderAuthorityPem) },
    authoritiesPem: `${clientAuthorityPem}\n${requestHeaderAuthorityPem}`,
  }
}

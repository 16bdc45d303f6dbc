import { reviewedTokens } from '../../apiserver/authentication/bearer-token.ts'
import { CertificatePool } from '../../apiserver/authentication/certificate-pool.ts'
import { clientCertificates } from '../../apiserver/authentication/client-certificate.ts'
import { requestHeaders } from '../../apiserver/authentication/request-header.ts'
import { union } from '../../apiserver/authentication/union.ts'
import { anybodyMayRead, firstOpinion, mastersMayEverything } from '../../apiserver/authorization/authorizer.ts'
import { delegated } from '../../apiserver/authorization/delegated.ts'
import { SelfMadeCertificates, type ServingCertificates } from '../../apiserver/certificates/self-made.ts'
import type { ApiService, Registration } from '../../cluster/registration/api-service.ts'
import { Registrar } from '../../cluster/registration/registrar.ts'
import { type AuthenticationSettings, RequestHeaderCa } from '../../cluster/request-header-ca.ts'
import { subjectAccessReview } from '../../cluster/reviews/subject-access-review.ts'
import { tokenReview } from '../../cluster/reviews/token-review.ts'
import { peerKinds } from '../../kinds/catalog.gen.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import { askedByCluster } from '../parts/cluster/asked-by-cluster.ts'
import { type Cluster, openCluster } from '../parts/cluster/cluster.ts'
import { clusterAdmission } from '../parts/cluster/cluster-admission.ts'
import { keptStore } from '../parts/cluster/kept-store.ts'
import { certificatePaths, filedCertificate } from '../parts/certificates/filed-certificate.ts'
import type { FollowedCertificate } from '../parts/certificates/followed-certificate.ts'
import { certificateOptions } from '../parts/limits.ts'
import { followNamespaces } from '../parts/namespaces/follow-namespaces.ts'
import { publicPaths } from '../parts/public-paths.ts'
import { registrationOf, serviceHost, serviceOf } from '../parts/cluster/registration.ts'
import { handedCertificate } from '../two-processes/handed-certificate.ts'
import { twoProcesses } from '../two-processes/names.ts'
import { syncingElsewhere } from '../two-processes/syncing-elsewhere.ts'
import type { Host, Surroundings } from './host.ts'
import { HostNamespaces } from './host-namespaces.ts'
import { syncingInCluster } from './syncing-in-cluster.ts'

/**
 * Behind a kube-apiserver: it says who asks, what they may do and which namespaces there are; Secrets and all else but
 * our own kinds are its.
 */
export async function aggregatedHost(around: Surroundings): Promise<Host> {
  const { options, clock, log, shutdown, interrupted } = around
  const cluster = await openCluster(around)
  shutdown.onEnd('clients of the cluster', () => cluster[Symbol.asyncDispose]())
  const { prompt, reviewer } = cluster
  const trust = await RequestHeaderCa.open({ configMaps: prompt('', 'configmaps'), log, read: trustOf })
  const namespaces = new HostNamespaces(prompt('', 'namespaces'))
  const authorize = firstOpinion([
    mastersMayEverything,
    anybodyMayRead(publicPaths),
    delegated({ clock, review: subjectAccessReview(reviewer) }),
  ])
  const admission = clusterAdmission({
    around,
    client: reviewer.client,
    contact: cluster.contact,
    random: reviewer.random,
    authorize,
    namespaceOf: (name) => namespaces.objectOf(name),
  })
  const service = await serviceOf(options)
  const { certificates, moreKinds, syncing } = await (options.serve === 'api' ? apart : alone)(around, cluster)
  const following = followNamespaces({ client: prompt('', 'namespaces'), clock, log, interrupted })
  return {
    keep: async (backend) => following.of(await keptStore(around, cluster, backend)),
    moreKinds,
    authenticate: union([
      requestHeaders({ clock, proxy: () => trust.current.frontProxy }),
      clientCertificates(around, () => trust.current.clients),
      reviewedTokens({ clock, review: tokenReview(reviewer) }),
    ]),
    authorize,
    authoritiesPem: () => trust.current.authoritiesPem,
    checks: () => admission.checks,
    certificates,
    servingNames: [serviceHost(service)],
    follow: (authoritiesChanged) =>
      shutdown.runs('authentication settings', { run: (signal) => trust.follow(authoritiesChanged, signal) }),
    namespaceState: (_registries, name) => namespaces.stateOf(name, (uid) => following.note(name, uid)),
    prepare: async (registries) => {
      for (const source of admission.sources) shutdown.runs(source.name, source)
      await following.reconcile(registries)
    },
    belonging: (entries, kinds) => following.belonging(entries, kinds),
    restored: () => following.restored(),
    syncing,
    run: ({ registries }) => {
      shutdown.runs('namespaces', { run: (signal) => namespaces.run(signal) })
      if (!options.registerApiServices) return
      const kinds = registries.all.map(({ kind }) => kind)
      const wanted = (): Registration => registrationOf(kinds, service, certificates.authorityCertificate)
      const apply = cluster.promptApply<ApiService>('apiregistration.k8s.io', 'apiservices')
      const apiServices = prompt<ApiService>('apiregistration.k8s.io', 'apiservices')
      const periodMs = options.certificateCheckInterval
      shutdown.runs('registration', new Registrar({ apiServices, apply, wanted, clock, log, periodMs }))
    },
  }
}

type Division = Pick<Host, 'certificates' | 'moreKinds' | 'syncing'>

/** The one process does both. */
async function alone(around: Surroundings, cluster: Cluster): Promise<Division> {
  const { options } = around
  const certificates = await certificatesOf(around, cluster)
  const here = await syncingInCluster(around, cluster)
  const asked = askedByCluster({ ...around, cluster, service: await serviceOf(options) })
  return { certificates, moreKinds: [], syncing: { ...here, led: (work) => here.led(asked(work)) } }
}

function certificatesOf(around: Surroundings, cluster: Cluster): Promise<ServingCertificates> {
  const { options, clock } = around
  switch (options.certificates) {
    case 'secret':
      return handedIn(around, cluster)
    case 'files':
      return filedCertificate(certificatePaths(options))
    case 'self-made':
      return SelfMadeCertificates.open({ ...certificateOptions(options, clock), isFollowed: true })
  }
}

/** Another process synchronizes, and gives this one its certificate where nobody else does. */
async function apart(around: Surroundings, cluster: Cluster): Promise<Division> {
  const certificates = await handedIn(around, cluster)
  return { certificates, moreKinds: peerKinds, syncing: await syncingElsewhere(around, certificates) }
}

async function handedIn(
  { options, clock, log, interrupted }: Surroundings,
  { prompt }: Cluster,
): Promise<FollowedCertificate> {
  const { certificate: at } = await twoProcesses(options)
  return handedCertificate({ secrets: prompt<Secret>('', 'secrets'), at, clock, log, interrupted })
}

function trustOf(settings: AuthenticationSettings) {
  const { clientAuthorityPem, requestHeaderAuthorityPem } = settings
  return {
    clients: CertificatePool.parse(clientAuthorityPem),
    frontProxy: { ...settings, authorities: CertificatePool.parse(requestHeaderAuthorityPem) },
    authoritiesPem: `${clientAuthorityPem}\n${requestHeaderAuthorityPem}`,
  }
}

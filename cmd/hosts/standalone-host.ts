import { CertificatePool } from '../../apiserver/authentication/certificate-pool.ts'
import { clientCertificates } from '../../apiserver/authentication/client-certificate.ts'
import { staticTokens } from '../../apiserver/authentication/static-tokens.ts'
import { union } from '../../apiserver/authentication/union.ts'
import { anybodyMayRead, firstOpinion, mastersMayEverything } from '../../apiserver/authorization/authorizer.ts'
import { expiry } from '../../apiserver/controllers/expiry.ts'
import { garbageCollector } from '../../apiserver/controllers/garbage-collector.ts'
import { namespaceDeletion } from '../../apiserver/controllers/namespace-deletion.ts'
import { namespaceStates } from '../../apiserver/registry/namespace-states.ts'
import { coreKinds } from '../../kinds/catalog.gen.ts'
import { ensureNamespaces } from '../parts/first-namespaces.ts'
import { clientOf, syncerClients } from '../parts/local-clients.ts'
import { publicPaths } from '../parts/public-paths.ts'
import { readTokens } from '../parts/token-file.ts'
import type { Host, Surroundings } from './host.ts'

/** A world of its own: its authority's certificates, its tokens, its core kinds and the controllers for them. */
export async function standaloneHost(around: Surroundings, authorityPem: string): Promise<Host> {
  const { options, clock, shutdown } = around
  const authorities = CertificatePool.parse(authorityPem)
  return {
    moreKinds: coreKinds,
    authenticate: union([clientCertificates(clock, () => authorities), staticTokens(await readTokens(options))]),
    authorize: firstOpinion([mastersMayEverything, anybodyMayRead(publicPaths)]),
    authoritiesPem: () => authorityPem,
    namespaceState: (registries, namespace) => namespaceStates(registries)(namespace),
    prepare: (registries) => ensureNamespaces(clientOf(registries, '', 'namespaces')),
    syncerClients,
    led: (work) => work,
    run: ({ registries, gate }) => {
      shutdown.runs('garbage collector', garbageCollector({ registries, clock }))
      shutdown.runs('namespace deletion', namespaceDeletion({ registries, clock, gate }))
      shutdown.runs('expiry', expiry({ registries, clock, lifetimesMs: { 'event-ttl': options.eventTtl } }))
    },
  }
}

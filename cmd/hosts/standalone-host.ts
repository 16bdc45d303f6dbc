import { join } from 'node:path'
import { AccountTokens } from '../../apiserver/authentication/account-tokens.ts'
import { CertificatePool } from '../../apiserver/authentication/certificate-pool.ts'
import { clientCertificates } from '../../apiserver/authentication/client-certificate.ts'
import { staticTokens } from '../../apiserver/authentication/static-tokens.ts'
import { union } from '../../apiserver/authentication/union.ts'
import { anybodyMayRead, firstOpinion, mastersMayEverything } from '../../apiserver/authorization/authorizer.ts'
import { escalationCheck } from '../../apiserver/authorization/rbac/escalation.ts'
import { localReview } from '../../apiserver/authorization/local-review.ts'
import { rbacAuthorizer, rulesFor } from '../../apiserver/authorization/rbac/rbac.ts'
import { type RbacClients, RoleBook } from '../../apiserver/authorization/rbac/role-book.ts'
import { rbacGroup } from '../../apiserver/authorization/rbac/rbac-object.ts'
import { SelfMadeCertificates } from '../../apiserver/certificates/self-made.ts'
import { expiry } from '../../apiserver/controllers/expiry.ts'
import { garbageCollector } from '../../apiserver/controllers/garbage-collector.ts'
import { namespaceDeletion } from '../../apiserver/controllers/namespace-deletion.ts'
import { systemRandomness } from '../../apiserver/registry/randomness.ts'
import { namespaceStates } from '../../apiserver/registry/namespace-states.ts'
import { type Registries, registriesOf } from '../../apiserver/registry/registries.ts'
import type { Logger } from '../../base/log.ts'
import type { ObjectName } from '../../machinery/client.ts'
import { isStatusReason } from '../../machinery/status.ts'
import type { Backend } from '../../storage/backend.ts'
import { identifyStore } from '../../storage/identity.ts'
import { coreKinds } from '../../kinds/catalog.gen.ts'
import { accountKey } from '../parts/account-key.ts'
import { localAdmission } from '../parts/admission/local-admission.ts'
import { ensureRoles } from '../parts/first-objects/ensure-roles.ts'
import { ensureNamespaces } from '../parts/first-objects/first-namespaces.ts'
import { clientOf, syncerClients } from '../parts/local-clients.ts'
import { certificateOptions } from '../parts/limits.ts'
import { publicPaths } from '../parts/public-paths.ts'
import { readTokens } from '../parts/token-file.ts'
import type { Host, KeptStore, Surroundings } from './host.ts'

/** A world of its own: its authority's certificates, its tokens, its core kinds and the controllers for them. */
export async function standaloneHost(around: Surroundings): Promise<Host> {
  const { options, clock, log, shutdown } = around
  const certificates = await SelfMadeCertificates.open(certificateOptions(options, clock))
  const { authorityCertificate: authorityPem } = certificates
  const authorities = CertificatePool.parse(authorityPem)
  const book = new RoleBook()
  let served = registriesOf([])
  const tokens = new AccountTokens({
    key: await accountKey(join(options.dataDir, 'pki', 'accounts.key')),
    clock,
    newId: () => systemRandomness.uuid(),
    uidOf: (account) => uidOf(served, account),
  })
  const authorize = firstOpinion([mastersMayEverything, anybodyMayRead(publicPaths), rbacAuthorizer(book)])
  const admission = localAdmission({ around, authorize, registries: () => served })
  return {
    keep: (backend) => keptStore(backend, log),
    moreKinds: coreKinds,
    authenticate: union([
      clientCertificates(around, () => authorities),
      tokens.authenticate,
      staticTokens(await readTokens(options)),
    ]),
    authorize,
    checks: () => [...admission.checks, escalationCheck({ lookups: book, authorize })],
    authoritiesPem: () => authorityPem,
    certificates,
    servingNames: [],
    follow: () => undefined,
    namespaceState: (registries, namespace) => namespaceStates(registries)(namespace),
    prepare: async (registries) => {
      served = registries
      for (const source of admission.sources) shutdown.runs(source.name, source)
      await ensureNamespaces(clientOf(registries, '', 'namespaces'))
      const clients = rbacClients(registries)
      await ensureRoles(clients)
      await new Promise<void>((known) => shutdown.runs('roles', { run: (signal) => book.run(clients, known, signal) }))
    },
    syncing: {
      clients: (of) => syncerClients(of, options),
      led: (work) => work,
      requestToken: async (wish) => (await tokens.issue(wish)).token,
      // Its keys lie in files, and no ServiceAccount is it.
      installation: undefined,
    },
    reviewPowers: {
      reviewAccess: localReview(authorize),
      rulesOf: ({ username: name, ...user }, namespace) => rulesFor(book, { name, ...user }, namespace),
      reviewToken: (token, audiences) => tokens.review(token, audiences),
      issueToken: (wish) => tokens.issue(wish),
    },
    run: ({ registries, gate }) => {
      shutdown.runs('garbage collector', garbageCollector({ registries, clock }))
      shutdown.runs('namespace deletion', namespaceDeletion({ registries, clock, gate }))
      shutdown.runs('expiry', expiry({ registries, clock, lifetimesMs: { 'event-ttl': options.eventTtl } }))
    },
  }
}

/** Nobody else knows of it. */
async function keptStore(backend: Backend, log: Logger): Promise<KeptStore> {
  const { uid, epoch } = await identifyStore(backend, { newUid: () => systemRandomness.uuid() })
  log.info('store opened', { uid, epoch })
  return { backend, checks: [], refusal: () => undefined, admitted: async () => undefined }
}

function rbacClients(registries: Registries): RbacClients {
  return {
    roles: clientOf(registries, rbacGroup, 'roles'),
    clusterRoles: clientOf(registries, rbacGroup, 'clusterroles'),
    roleBindings: clientOf(registries, rbacGroup, 'rolebindings'),
    clusterRoleBindings: clientOf(registries, rbacGroup, 'clusterrolebindings'),
  }
}

async function uidOf(registries: Registries, account: ObjectName): Promise<string | undefined> {
  try {
    const found = await registries.find('', 'serviceaccounts')?.get(account)
    const { deletionTimestamp, uid } = found?.value.object.metadata ?? {}
    return deletionTimestamp === undefined ? uid : undefined
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return undefined
    throw error
  }
}

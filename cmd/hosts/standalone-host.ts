import { accessBy } from '../../apiserver/admission/expressions/ask-access.ts'
import { localParams } from '../../apiserver/admission/sources/local-params.ts'
import { CertificatePool } from '../../apiserver/authentication/certificate-pool.ts'
import { clientCertificates } from '../../apiserver/authentication/client-certificate.ts'
import { staticTokens } from '../../apiserver/authentication/static-tokens.ts'
import { union } from '../../apiserver/authentication/union.ts'
import { anybodyMayRead, firstOpinion, mastersMayEverything } from '../../apiserver/authorization/authorizer.ts'
import { escalationCheck } from '../../apiserver/authorization/rbac/escalation.ts'
import { rbacAuthorizer } from '../../apiserver/authorization/rbac/rbac.ts'
import { type RbacClients, RoleBook } from '../../apiserver/authorization/rbac/role-book.ts'
import { rbacGroup } from '../../apiserver/authorization/rbac/rbac-object.ts'
import { expiry } from '../../apiserver/controllers/expiry.ts'
import { garbageCollector } from '../../apiserver/controllers/garbage-collector.ts'
import { namespaceDeletion } from '../../apiserver/controllers/namespace-deletion.ts'
import { namespaceStates } from '../../apiserver/registry/namespace-states.ts'
import { type Registries, registriesOf } from '../../apiserver/registry/registries.ts'
import { webhookCaller } from '../../cluster/admission/webhook-caller.ts'
import { CallError } from '../../cluster/admission/call-error.ts'
import { coreKinds } from '../../kinds/catalog.gen.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { admissionChecks, admissionGroup } from '../parts/admission-checks.ts'
import { ensureRoles } from '../parts/roles/ensure-roles.ts'
import { ensureNamespaces } from '../parts/first-namespaces.ts'
import { clientOf, serverUser, syncerClients } from '../parts/local-clients.ts'
import { publicPaths } from '../parts/public-paths.ts'
import { readTokens } from '../parts/token-file.ts'
import type { Host, Surroundings } from './host.ts'

/** A world of its own: its authority's certificates, its tokens, its core kinds and the controllers for them. */
export async function standaloneHost(around: Surroundings, authorityPem: string): Promise<Host> {
  const { options, clock, shutdown } = around
  const authorities = CertificatePool.parse(authorityPem)
  const book = new RoleBook()
  const authorize = firstOpinion([mastersMayEverything, anybodyMayRead(publicPaths), rbacAuthorizer(book)])
  let served = registriesOf([])
  const webhooks = webhookCaller({
    addressOf: noServices,
    answerBytesMax: options.maxObjectBytes * 2,
    connectionsMax: webhookConnectionsMax,
  })
  shutdown.onEnd('client for webhooks', () => webhooks[Symbol.asyncDispose]())
  const admission = admissionChecks({
    clientOf: (plural) => () => clientOf(served, admissionGroup, plural),
    call: webhooks.call,
    access: accessBy(authorize),
    params: localParams(() => served, serverUser),
    namespaceOf: (name) => clientOf<KubeObject>(served, '', 'namespaces').get({ name }),
    clock,
    log: around.log,
  })
  return {
    moreKinds: coreKinds,
    authenticate: union([clientCertificates(clock, () => authorities), staticTokens(await readTokens(options))]),
    authorize,
    checks: () => [...admission.checks, escalationCheck({ lookups: book, authorize })],
    authoritiesPem: () => authorityPem,
    servingNames: [],
    namespaceState: (registries, namespace) => namespaceStates(registries)(namespace),
    prepare: async (registries) => {
      served = registries
      for (const source of admission.sources) shutdown.runs(source.name, source)
      await ensureNamespaces(clientOf(registries, '', 'namespaces'))
      const clients = rbacClients(registries)
      await ensureRoles(clients)
      await new Promise<void>((known) => shutdown.runs('roles', { run: (signal) => book.run(clients, known, signal) }))
    },
    syncerClients,
    led: (work) => work,
    run: ({ registries, gate }) => {
      shutdown.runs('garbage collector', garbageCollector({ registries, clock }))
      shutdown.runs('namespace deletion', namespaceDeletion({ registries, clock, gate }))
      shutdown.runs('expiry', expiry({ registries, clock, lifetimesMs: { 'event-ttl': options.eventTtl } }))
    },
  }
}

const webhookConnectionsMax = 32

/** Where no cluster is, webhooks have URLs. */
async function noServices({ name }: { readonly name: string }): Promise<never> {
  throw new CallError(`service "${name}" not found`)
}

function rbacClients(registries: Registries): RbacClients {
  return {
    roles: clientOf(registries, rbacGroup, 'roles'),
    clusterRoles: clientOf(registries, rbacGroup, 'clusterroles'),
    roleBindings: clientOf(registries, rbacGroup, 'rolebindings'),
    clusterRoleBindings: clientOf(registries, rbacGroup, 'clusterrolebindings'),
  }
}

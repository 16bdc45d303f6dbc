import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import type { AdmissionCheck } from '../../apiserver/admission/admission.ts'
import type { NamespaceState } from '../../apiserver/admission/namespace-lifecycle.ts'
import type { CreationGate } from '../../apiserver/admission/creation-gate.ts'
import type { ArchivedKinds } from '../../apiserver/archive/archived-kinds.ts'
import type { Authenticator } from '../../apiserver/authentication/authenticator.ts'
import type { Authorizer } from '../../apiserver/authorization/authorizer.ts'
import type { ServingCertificates } from '../../apiserver/certificates/self-made.ts'
import type { KindDeclaration, LiveValues, ReviewPowers } from '../../apiserver/registry/kind.ts'
import type { Registries } from '../../apiserver/registry/registries.ts'
import type { HealthCheck } from '../../apiserver/health/health.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Metrics } from '../../base/metrics.ts'
import type { Shutdown, Work } from '../../base/shutdown.ts'
import type { Restored } from '../../storage/archive/restore.ts'
import type { Backend, NewEntry, Revision } from '../../storage/backend.ts'
import type { SyncerConfig } from '../../syncer/syncer.ts'
import type { SyncerClients } from '../../syncer/syncer-parts.ts'
import type { Options } from '../options.ts'
import type { ClientOf } from '../parts/local-clients.ts'
import type { AskedVerbs } from '../parts/verbs/answering-parts.ts'

/** Where the server lives, and what it therefore need not be itself: a world of its own, or a cluster around it. */
export interface Host {
  /** Takes the store in, and says whether it is the one that it should be. */
  keep(backend: Backend): Promise<KeptStore>
  /** Kinds that are served beside ours. */
  readonly moreKinds: readonly KindDeclaration[]
  readonly authenticate: Authenticator
  readonly authorize: Authorizer
  /** PEM bundle of every authority that TLS takes client certificates from. */
  authoritiesPem(): string
  /** What judges writes besides the server's own checks, mutating ones in their order. */
  checks(registries: () => Registries): readonly AdmissionCheck[]
  readonly certificates: ServingCertificates
  /** What else the serving certificate has to name. */
  readonly servingNames: readonly string[]
  namespaceState(registries: Registries, namespace: string): MaybePromise<NamespaceState>
  /** Follows what decides who asks, whether or not the store may be served; tells when `authoritiesPem` has changed. */
  follow(authoritiesChanged: () => void): void
  /** What of a snapshot belongs here now, with what the store is to know of itself. Absent: all of it. */
  readonly belonging?: (entries: readonly NewEntry[], kinds: ArchivedKinds) => Promise<readonly NewEntry[]>
  /** To be told when it was put in. */
  readonly restored?: () => Promise<void>
  /** What must be there before anybody asks. */
  prepare(registries: Registries): Promise<void>
  /** Who synchronizes: this process with what it is given here, or another one. */
  readonly syncing: SyncingHere | Syncing
  /** For the kinds among `moreKinds` that are asked. */
  readonly reviewPowers?: ReviewPowers
  /** Starts what looks at all objects, the syncer aside. */
  run(parts: HostParts): void
}

/** What the syncer of this process works with. */
export interface SyncingHere {
  /** Our own kinds are where it is told. */
  clients(ours: ClientOf): SyncerClients
  /** The same work, done only while nobody else does it. */
  led(work: Work): Work
  /** A token of a ServiceAccount for a provider; absent where nobody issues them. */
  readonly requestToken?: SyncerConfig['requestToken']
  /** What of the cluster is this server's own; undefined where there is no cluster. */
  readonly installation: SyncerConfig['installation']
}

/** What the rest of the server sees of a syncer, wherever it runs. */
export interface Syncing {
  readonly live: LiveValues
  readonly verbs: AskedVerbs
  /** Whatever there is to do here; to be started when the server is ready. */
  readonly work: Work
}

export interface KeptStore {
  /** What to serve from. */
  readonly backend: Backend
  readonly checks: readonly HealthCheck[]
  /** Why nothing of it may be served yet, in words for clients; undefined when all is well. */
  refusal(): string | undefined
  /**
   * For one that is refused: puts another state in its place, above the revision that `put` is told, and accepts it.
   * Absent where none is ever refused.
   */
  readonly putRefused?: (put: PutState) => Promise<Restored>
  /** Resolves when it may be served, or when the signal aborts. */
  admitted(signal: AbortSignal): Promise<void>
}

export type PutState = (backend: Backend, above: Revision) => Promise<Restored>

export interface HostParts {
  readonly registries: Registries
  readonly gate: CreationGate
}

export interface Surroundings {
  readonly options: Options
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly shutdown: Shutdown
  /** Aborts when somebody asks the process to end: what a start may wait for long is not waited for then. */
  readonly interrupted: AbortSignal
}

import { type Counter, type Gauge, type Labels, labelText, type Metrics } from '../../base/metrics.ts'
import { type QueueMetrics, queueMetrics } from '../../base/queues/queue-metrics.ts'
import type { ObjectMeta } from '../../machinery/object.ts'

export type ReconciledKind = 'ExternalSecret' | 'SecretStore' | 'ClusterSecretStore'

interface Reconciled {
  readonly metadata: ObjectMeta
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

interface PassFigures {
  readonly durationMs: number
  readonly isFailed: boolean
}

const nanosecondsPerMs = 1_000_000
/** The one that we write: others would stay when their object goes. */
const condition = 'Ready'
const statuses = ['True', 'False', 'Unknown'] as const
const opposites: Readonly<Record<string, string>> = { True: 'False', False: 'True' }

/**
 * The syncer in numbers, under ESO's names and labels (eso-behaviour.md 7), durations in nanoseconds included. Series
 * of an object go with it; beyond what the registry holds they share one.
 */
export class SyncMetrics {
  readonly queues: QueueMetrics
  readonly #calls: Counter
  readonly #errors: Counter
  readonly #providerCalls: Counter
  readonly #durations: Readonly<Record<ReconciledKind, Gauge>>
  readonly #conditions: Readonly<Record<ReconciledKind, Gauge>>
  /** An object is told of at each pass, and its conditions change with it. */
  readonly #told = new WeakSet<Reconciled>()

  constructor(metrics: Metrics) {
    this.queues = queueMetrics(metrics)
    const perKind = (suffix: string, help: string): Readonly<Record<ReconciledKind, Gauge>> => ({
      ExternalSecret: metrics.gauge(`externalsecret_${suffix}`, `${help} ExternalSecret`),
      SecretStore: metrics.gauge(`secretstore_${suffix}`, `${help} SecretStore`),
      ClusterSecretStore: metrics.gauge(`clustersecretstore_${suffix}`, `${help} ClusterSecretStore`),
    })
    this.#calls = metrics.counter('externalsecret_sync_calls_total', 'Looks at an ExternalSecret.')
    this.#errors = metrics.counter('externalsecret_sync_calls_error', 'Looks at an ExternalSecret that failed.')
    this.#providerCalls = metrics.counter('externalsecret_provider_api_calls_count', 'Calls to a provider.')
    this.#durations = perKind('reconcile_duration', 'Nanoseconds of the last look at an')
    this.#conditions = perKind('status_condition', '1 for the condition there is, 0 for its opposite, of an')
  }

  passed(object: Reconciled, { durationMs, isFailed }: PassFigures): void {
    const labels = labelText(labelsOf(object))
    this.#calls.add(labels)
    if (isFailed) this.#errors.add(labels)
    this.#durations.ExternalSecret.set(labels, nanoseconds(durationMs))
    this.conditions('ExternalSecret', object)
  }

  told(kind: ReconciledKind, object: Reconciled, durationMs: number): void {
    this.#durations[kind].set(labelsOf(object), nanoseconds(durationMs))
    this.conditions(kind, object)
  }

  conditions(kind: ReconciledKind, object: Reconciled): void {
    if (this.#told.has(object)) return
    this.#told.add(object)
    const ready = object.status?.conditions?.find(({ type }) => type === condition)
    const status = ready && statuses.find((each) => each === ready.status)
    if (status === undefined) return
    const labels = labelsOf(object)
    this.#conditions[kind].set({ ...labels, condition, status }, 1)
    const opposite = opposites[status]
    if (opposite !== undefined) this.#conditions[kind].set({ ...labels, condition, status: opposite }, 0)
  }

  forget(kind: ReconciledKind, object: Reconciled): void {
    const labels = labelsOf(object)
    this.#told.delete(object)
    if (kind === 'ExternalSecret') for (const counter of [this.#calls, this.#errors]) counter.remove(labels)
    this.#durations[kind].remove(labels)
    for (const status of statuses) this.#conditions[kind].remove({ ...labels, condition, status })
  }

  providerCalled(provider: string, { call, isFailed }: { call: ProviderCall; isFailed: boolean }): void {
    const known = providers[provider]
    const labels = { provider: known?.name ?? provider, call: known?.calls[call] ?? call }
    this.#providerCalls.add({ ...labels, status: isFailed ? 'error' : 'success' })
  }
}

export type ProviderCall = 'read' | 'readMany' | 'find' | 'check'

/** What ESO calls the same, by the member of `spec.provider`. */
const providers: Readonly<Record<string, { name: string; calls: Partial<Record<ProviderCall, string>> }>> = {
  vault: {
    name: 'HashiCorp/Vault',
    calls: { read: 'ReadSecretData', find: 'ListSecrets', check: 'LookupSelf' },
  },
  aws: {
    name: 'AWS/SecretsManager',
    calls: { read: 'GetSecretValue', readMany: 'BatchGetSecretValue', find: 'ListSecrets' },
  },
  kubernetes: {
    name: 'Kubernetes',
    calls: { read: 'GetSecret', find: 'ListSecrets', check: 'CreateSelfSubjectRulesReview' },
  },
}

function labelsOf({ metadata: { name = '', namespace = '' } }: Reconciled): Labels {
  return { name, namespace }
}

function nanoseconds(ms: number): number {
  return Math.round(ms * nanosecondsPerMs)
}

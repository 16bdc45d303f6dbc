import type { AdmissionCheck } from '../../../apiserver/admission/admission.ts'
import type { NamespaceReader, WebhookConfiguration } from '../../../apiserver/admission/configuration.ts'
import type { AskAccess } from '../../../apiserver/admission/expressions/values.ts'
import { mutatingPolicies } from '../../../apiserver/admission/policies/mutating-policies.ts'
import type { Binding, ParamReader, Policy } from '../../../apiserver/admission/policies/policy-configuration.ts'
import { policyMetrics } from '../../../apiserver/admission/policies/policy-metrics.ts'
import { validatingPolicies } from '../../../apiserver/admission/policies/validating-policies.ts'
import { WatchedObjects } from '../../../apiserver/admission/sources/watched-objects.ts'
import { mutatingWebhooks } from '../../../apiserver/admission/webhooks/mutating-webhooks.ts'
import { validatingWebhooks } from '../../../apiserver/admission/webhooks/validating-webhooks.ts'
import type { CallWebhook } from '../../../apiserver/admission/webhooks/webhook-call.ts'
import { webhookMetrics } from '../../../apiserver/admission/webhooks/webhook-metrics.ts'
import { systemRandomness } from '../../../apiserver/registry/randomness.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import type { Metrics } from '../../../base/metrics.ts'
import type { Work } from '../../../base/shutdown.ts'
import type { ResourceClient } from '../../../machinery/client.ts'
import type { KubeObject } from '../../../machinery/object.ts'

export const admissionGroup = 'admissionregistration.k8s.io'

export interface AdmissionWorld {
  /** Of a resource of admissionregistration.k8s.io. */
  readonly clientOf: (plural: string) => () => Pick<ResourceClient<KubeObject>, 'watch'>
  readonly call: CallWebhook
  readonly access: AskAccess
  readonly params: ParamReader
  readonly namespaceOf: NamespaceReader
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

export interface ConfiguredAdmission {
  /** In the order of kube-apiserver. */
  readonly checks: readonly AdmissionCheck[]
  /** What keeps the configurations fresh; writes wait for them. */
  readonly sources: readonly (Work & { readonly name: string })[]
}

/** Webhooks and policies, from the configurations of the world that the server lives in. */
export function admissionChecks(world: AdmissionWorld): ConfiguredAdmission {
  const { clientOf, log, metrics, ...parts } = world
  const { clock } = parts
  const [ofWebhooks, ofPolicies] = [webhookMetrics(metrics, clock), policyMetrics(metrics)]
  const sources: (Work & { readonly name: string })[] = []
  const watched = <T extends KubeObject>(plural: string): WatchedObjects<T> => {
    // What the API calls by this name are objects of this type.
    const client = clientOf(plural) as () => Pick<ResourceClient<T>, 'watch'>
    const objects = new WatchedObjects<T>({ client, clock, log: log.child({ watch: plural }) })
    sources.push({ name: plural, run: (signal) => objects.run(signal) })
    return objects
  }
  const policies = (sort: string) => ({
    ...parts,
    metrics: ofPolicies,
    policies: watched<Policy>(`${sort}admissionpolicies`),
    bindings: watched<Binding>(`${sort}admissionpolicybindings`),
  })
  const webhooks = (sort: string) => ({
    ...parts,
    metrics: ofWebhooks,
    uuid: () => systemRandomness.uuid(),
    configurations: watched<WebhookConfiguration>(`${sort}webhookconfigurations`),
  })
  const checks = [
    mutatingPolicies(policies('mutating')),
    mutatingWebhooks(webhooks('mutating')),
    validatingPolicies(policies('validating')),
    validatingWebhooks(webhooks('validating')),
  ]
  return { checks, sources }
}

import type { KubeObject } from '../../machinery/object.ts'
import type { LabelSelectorSpec } from '../../machinery/selector/label.ts'

/** What admissionregistration.k8s.io says, as kube-apiserver serves it: defaults are filled in, or meant. */

export interface Rule {
  readonly operations?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly apiVersions?: readonly string[]
  readonly resources?: readonly string[]
  readonly scope?: string
  /** Of policies. */
  readonly resourceNames?: readonly string[]
}

export interface MatchCondition {
  readonly name: string
  readonly expression: string
}

export type FailurePolicy = 'Fail' | 'Ignore'
export type MatchPolicy = 'Exact' | 'Equivalent'

export interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly WebhookSpec[]
}

export interface WebhookSpec {
  readonly name: string
  readonly clientConfig: WebhookClientConfig
  readonly rules?: readonly Rule[]
  readonly failurePolicy?: FailurePolicy
  readonly matchPolicy?: MatchPolicy
  readonly namespaceSelector?: LabelSelectorSpec
  readonly objectSelector?: LabelSelectorSpec
  readonly sideEffects?: string
  readonly timeoutSeconds?: number
  readonly admissionReviewVersions?: readonly string[]
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded'
  readonly matchConditions?: readonly MatchCondition[]
}

export interface WebhookClientConfig {
  readonly url?: string
  readonly service?: ServiceReference
  /** PEM in base64. */
  readonly caBundle?: string
}

export interface ServiceReference {
  readonly namespace: string
  readonly name: string
  readonly path?: string
  readonly port?: number
}

/** Where configurations come from. What it answers is the same array until something changes. */
export interface ConfigurationSource<T extends KubeObject = KubeObject> {
  /** Undefined while nothing is known yet. */
  current(): readonly T[] | undefined
  /** Waits for that; false when it took too long. */
  known(signal: AbortSignal | undefined): Promise<boolean>
}

/** Labels of namespaces and, for policies, all of them; rejects with NotFound. */
export type NamespaceReader = (name: string) => Promise<KubeObject>

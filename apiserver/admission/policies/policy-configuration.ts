import type { KubeObject } from '../../../machinery/object.ts'
import type { LabelSelectorSpec } from '../../../machinery/selector/label.ts'
import type { FailurePolicy, MatchCondition, MatchPolicy, Rule } from '../configuration.ts'

/** ValidatingAdmissionPolicy and MutatingAdmissionPolicy, and what binds them. */

export interface Policy extends KubeObject {
  readonly spec?: PolicySpec
}

export interface PolicySpec {
  readonly paramKind?: ParamKind
  readonly matchConstraints?: MatchResources
  readonly matchConditions?: readonly MatchCondition[]
  readonly failurePolicy?: FailurePolicy
  readonly variables?: readonly { readonly name: string; readonly expression: string }[]
  /** Of validating ones. */
  readonly validations?: readonly ValidationSpec[]
  readonly auditAnnotations?: readonly { readonly key: string; readonly valueExpression: string }[]
  /** Of mutating ones. */
  readonly mutations?: readonly MutationSpec[]
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded'
}

export interface ParamKind {
  readonly apiVersion: string
  readonly kind: string
}

export interface ValidationSpec {
  readonly expression: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: string
}

export interface MutationSpec {
  readonly patchType: string
  readonly applyConfiguration?: { readonly expression?: string }
  readonly jsonPatch?: { readonly expression?: string }
}

export interface MatchResources {
  readonly resourceRules?: readonly Rule[]
  readonly excludeResourceRules?: readonly Rule[]
  readonly namespaceSelector?: LabelSelectorSpec
  readonly objectSelector?: LabelSelectorSpec
  readonly matchPolicy?: MatchPolicy
}

export interface Binding extends KubeObject {
  readonly spec?: BindingSpec
}

export interface BindingSpec {
  readonly policyName?: string
  readonly paramRef?: ParamRef
  readonly matchResources?: MatchResources
  /** Of validating ones: Deny, Warn, Audit. */
  readonly validationActions?: readonly string[]
}

export interface ParamRef {
  readonly name?: string
  readonly namespace?: string
  readonly selector?: LabelSelectorSpec
  readonly parameterNotFoundAction?: 'Allow' | 'Deny'
}

/** Reads the objects that policies take their parameters from. */
export interface ParamReader {
  /** Rejects with ParamError: the kind is unknown, or cannot be read. */
  scopeOf(kind: ParamKind): Promise<'namespaced' | 'cluster'>
  get(kind: ParamKind, at: { readonly namespace?: string; readonly name: string }): Promise<KubeObject | undefined>
  list(
    kind: ParamKind,
    at: { readonly namespace?: string; readonly labelSelector: string },
  ): Promise<readonly KubeObject[]>
}

/** What is wrong with a policy or its binding; the text may be shown. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

import type { CelType } from '../../../machinery/cel/type.ts'
import { dyn } from '../../../machinery/cel/type.ts'
import type { Clock } from '../../../base/clock.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import type { ConfigurationSource, NamespaceReader } from '../configuration.ts'
import type { AdmissionRequest } from '../admission.ts'
import type { Vocabulary } from '../expressions/environment.ts'
import type { Expression } from '../expressions/evaluation.ts'
import { expressionOf } from '../expressions/expression.ts'
import type { AskAccess } from '../expressions/values.ts'
import { conditionsOf } from '../matching/conditions.ts'
import { type Matcher, matcherOf } from '../matching/matcher.ts'
import { configurationsFor } from '../sources/ready.ts'
import type { Binding, MatchResources, ParamReader, Policy, PolicySpec } from './policy-configuration.ts'
import type { PolicyMetrics } from './policy-metrics.ts'

/** What both sorts of policies need of the world. */
export interface PoliciesOptions {
  readonly policies: ConfigurationSource<Policy>
  readonly bindings: ConfigurationSource<Binding>
  readonly params: ParamReader
  readonly namespaceOf: NamespaceReader
  readonly access: AskAccess
  readonly clock: Clock
  readonly metrics: PolicyMetrics
}

/** A policy that is ready to be asked; `B` is what its own sort makes of its spec. */
export interface CompiledPolicy<B> {
  readonly name: string
  readonly spec: PolicySpec
  readonly ignoresFailure: boolean
  readonly matches: Matcher
  readonly conditions: readonly Expression[]
  readonly variables: ReadonlyMap<string, Expression>
  readonly body: B
}

export interface CompiledBinding {
  readonly name: string
  readonly spec: NonNullable<Binding['spec']>
  readonly matches: Matcher
}

export interface BoundPolicy<B> {
  readonly policy: CompiledPolicy<B>
  readonly bindings: readonly CompiledBinding[]
}

/** Compiled once for each state of an object, in the order of their names. */
export class Policies<B> {
  readonly #options: PoliciesOptions
  readonly #bodyOf: (spec: PolicySpec, vocabulary: Vocabulary) => B
  readonly #policies = new WeakMap<Policy, CompiledPolicy<B>>()
  readonly #bindings = new WeakMap<Binding, CompiledBinding>()

  constructor(options: PoliciesOptions, bodyOf: (spec: PolicySpec, vocabulary: Vocabulary) => B) {
    this.#options = options
    this.#bodyOf = bodyOf
  }

  /** Those that have a binding: a policy without says nothing. */
  async for(request: AdmissionRequest): Promise<readonly BoundPolicy<B>[]> {
    const policies = await configurationsFor(this.#options.policies, request)
    if (policies.length === 0) return []
    const bindings = await configurationsFor(this.#options.bindings, request)
    const compiled = bindings.map((binding) => remembered(this.#bindings, binding, () => this.#binding(binding)))
    return policies.flatMap((policy) => {
      const own = compiled.filter(({ spec }) => spec.policyName === policy.metadata.name)
      if (own.length === 0) return []
      return [{ policy: remembered(this.#policies, policy, () => this.#policy(policy)), bindings: own }]
    })
  }

  #policy({ metadata, spec = {} }: Policy): CompiledPolicy<B> {
    const base: Vocabulary = { hasNamespace: true, hasAuthorizer: true, hasParams: spec.paramKind !== undefined }
    const { variables, types } = variablesOf(spec, base)
    const vocabulary = { ...base, variables: types }
    return {
      name: metadata.name ?? '',
      spec,
      ignoresFailure: spec.failurePolicy === 'Ignore',
      matches: spec.matchConstraints === undefined ? never : this.#matcher(spec.matchConstraints),
      conditions: conditionsOf(spec.matchConditions, base),
      variables,
      body: this.#bodyOf(spec, vocabulary),
    }
  }

  #binding({ metadata, spec = {} }: Binding): CompiledBinding {
    const { matchResources } = spec
    const matches = matchResources === undefined ? always : this.#matcher(matchResources)
    return { name: metadata.name ?? '', spec, matches }
  }

  #matcher(resources: MatchResources): Matcher {
    const { resourceRules, excludeResourceRules, ...others } = resources
    const rules = resourceRules === undefined || resourceRules.length === 0 ? undefined : resourceRules
    return matcherOf({ ...others, rules, excluded: excludeResourceRules }, this.#options.namespaceOf)
  }
}

const always: Matcher = async ({ version }) => version
const never: Matcher = async () => undefined

function remembered<K extends KubeObject, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}

/** Each may use those before it. */
function variablesOf(
  { variables = [] }: PolicySpec,
  base: Vocabulary,
): { readonly variables: ReadonlyMap<string, Expression>; readonly types: ReadonlyMap<string, CelType> } {
  const expressions = new Map<string, Expression>()
  const types = new Map<string, CelType>()
  for (const { name, expression: text } of variables) {
    const expression = expressionOf(text, { ...base, variables: new Map(types) })
    expressions.set(name, expression)
    types.set(name, 'program' in expression ? expression.program.type : dyn)
  }
  return { variables: expressions, types }
}

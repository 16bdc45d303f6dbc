import type { Test } from 'tap'
import { accessBy } from '../../apiserver/admission/expressions/ask-access.ts'
import { localParams } from '../../apiserver/admission/sources/local-params.ts'
import { mutatingPolicies } from '../../apiserver/admission/policies/mutating-policies.ts'
import type { Binding, Policy } from '../../apiserver/admission/policies/policy-configuration.ts'
import { validatingPolicies } from '../../apiserver/admission/policies/validating-policies.ts'
import { policyMetrics } from '../../apiserver/admission/policies/policy-metrics.ts'
import type { Authorizer } from '../../apiserver/authorization/authorizer.ts'
import { localClient } from '../../apiserver/registry/local-client.ts'
import { registriesOf } from '../../apiserver/registry/registries.ts'
import { systemClock } from '../../base/clock.ts'
import { Metrics } from '../../base/metrics.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { admin, type LocalApi } from './local-api.ts'
import { openWidgetApi } from './widgets.ts'

/** The API of the test kinds under policies that a test may replace at any time. */
export interface PolicyWorld {
  readonly api: LocalApi
  readonly validating: Configured
  readonly mutating: Configured
  readonly metrics: Metrics
}

interface Configured {
  policies: Policy[]
  bindings: Binding[]
}

/** Whoever asks for the verb `use` on what is named `mine` has the right to it. */
const authorize: Authorizer = (user, info) =>
  info.verb === 'use' && info.name === 'mine' && user.name !== 'system:serviceaccount:default:poor'
    ? { verdict: 'allow' }
    : { verdict: 'no-opinion', reason: 'no rule' }

export async function openPolicyWorld(t: Test): Promise<PolicyWorld> {
  const validating: Configured = { policies: [], bindings: [] }
  const mutating: Configured = { policies: [], bindings: [] }
  let registries = registriesOf([])
  const metrics = new Metrics()
  const counted = policyMetrics(metrics)
  const options = (configured: Configured) => ({
    policies: { current: () => configured.policies, known: async () => true },
    bindings: { current: () => configured.bindings, known: async () => true },
    params: localParams(() => registries, admin),
    namespaceOf: async (name: string): Promise<KubeObject> => {
      const registry = registries.find('', 'namespaces')
      if (registry === undefined) throw new Error('namespaces are not served')
      return localClient<KubeObject>(registry, admin).get({ name })
    },
    access: accessBy(authorize),
    clock: systemClock,
    metrics: counted,
  })
  const checks = [mutatingPolicies(options(mutating)), validatingPolicies(options(validating))]
  const api = await openWidgetApi({ checks, metrics })
  registries = api.registries
  t.teardown(() => api[Symbol.asyncDispose]())
  return { api, validating, mutating, metrics }
}

const resourceRules = [{ operations: ['*'], apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['widgets'] }]

export function policy(spec: object, name = 'rule'): Policy {
  const { matchConstraints = {}, ...others } = spec as { matchConstraints?: object }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'Policy',
    metadata: { name },
    spec: { matchConstraints: { resourceRules, ...matchConstraints }, ...others },
  }
}

export function binding(spec: object = {}, name = 'bound'): Binding {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'Binding',
    metadata: { name },
    spec: { policyName: 'rule', validationActions: ['Deny'], ...spec },
  }
}

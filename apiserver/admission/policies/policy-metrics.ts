import type { Metrics } from '../../../base/metrics.ts'
import type { ExpressionFailure } from '../expressions/evaluation.ts'

/** What policies come to, under the names of k8s.io/apiserver/pkg/admission/plugin/policy. */
export interface PolicyMetrics {
  /** What was done about an expression that does not hold; `allow`: it failed and is passed over. */
  validated(at: PolicyPlace, action: 'allow' | 'deny' | 'audit' | 'warn', check: PolicyCheck): void
  /** Each mutation, also one that failed. */
  mutated(at: PolicyPlace, check: PolicyCheck): void
}

export interface PolicyPlace {
  readonly policy: string
  readonly binding: string
}

export interface PolicyCheck {
  readonly error?: ExpressionFailure | undefined
  readonly durationMs: number
}

const bounds = [0.0000005, 0.001, 0.01, 0.1, 1]

export function policyMetrics(metrics: Metrics): PolicyMetrics {
  const name = (sort: string, of: string): string => `apiserver_${sort}_admission_policy_check_${of}`
  const series = (sort: string, text: string, withoutError: string) => {
    const total = metrics.counter(name(sort, 'total'), `${text}.`)
    const duration = metrics.histogram(name(sort, 'duration_seconds'), `${text}, and how long they took.`, bounds)
    return ({ policy, binding }: PolicyPlace, { error, durationMs }: PolicyCheck, more = {}): void => {
      const labels = { policy, policy_binding: binding, error_type: error ?? withoutError, ...more }
      total.add(labels)
      duration.observe(labels, durationMs / 1000)
    }
  }
  // kube-apiserver counts a plain violation as an invalid expression.
  const validated = series('validating', 'Expressions that did not hold, by what was done about it', 'invalid_error')
  const mutated = series('mutating', 'Mutations of policies', 'no_error')
  return {
    validated: (at, action, check) => validated(at, check, { enforcement_action: action }),
    mutated: (at, check) => mutated(at, check),
  }
}

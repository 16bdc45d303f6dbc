import type { AdmissionCheck, AdmissionRequest } from '../admission.ts'
import { Evaluation, ExpressionError, perPolicyCost } from '../expressions/evaluation.ts'
import { objectValue, requestValues } from '../expressions/values.ts'
import { conditionsHold } from '../matching/conditions.ts'
import { isExempt } from '../matching/exempt.ts'
import { effective, inVersion } from '../matching/in-version.ts'
import { areNone } from '../sources/ready.ts'
import { AuditTrail } from './audit-trail.ts'
import { type Invocation, invocationsOf, namespaceObject } from './invocations.ts'
import { Policies, type PoliciesOptions } from './policies.ts'
import { policyDenied, type PolicyDenial } from './policy-denial.ts'
import { type Judgement, judgementsOf, type ValidatingBody, validatingBody } from './validations.ts'

/** Asks every policy that is bound to the write; of those that deny it the first is told. */
export function validatingPolicies(options: PoliciesOptions): AdmissionCheck {
  const policies = new Policies(options, validatingBody)
  return {
    name: 'ValidatingAdmissionPolicy',
    validate: (request) => {
      if (isExempt(request) || areNone(options.policies)) return undefined
      return askAll(options, policies, request)
    },
  }
}

async function askAll(
  options: PoliciesOptions,
  policies: Policies<ValidatingBody>,
  request: AdmissionRequest,
): Promise<void> {
  const denials: PolicyDenial[] = []
  const trail = new AuditTrail()
  for (const bound of await policies.for(request)) {
    const failed = ({ policy, binding, message }: Parameters<FailedCallback>[0]): void => {
      if (!policy.ignoresFailure) denials.push({ policy: policy.name, binding: binding?.name, message })
    }
    for (const invocation of await invocationsOf(options, bound, { request, failed })) {
      const judgements = await judge(options, { invocation, request, trail })
      for (const judgement of judgements) {
        const denial = actOn(options, judgement, { invocation, request, trail })
        if (denial !== undefined) denials.push(denial)
      }
    }
  }
  trail.tell(request.context.annotate)
  const [first] = denials
  if (first !== undefined) throw policyDenied(first, request)
}

type FailedCallback = Parameters<typeof invocationsOf<ValidatingBody>>[2]['failed']

interface Judging {
  readonly invocation: Invocation<ValidatingBody>
  readonly request: AdmissionRequest
  readonly trail: AuditTrail
}

async function judge(options: PoliciesOptions, { invocation, request, trail }: Judging): Promise<readonly Judgement[]> {
  const { policy, version, params } = invocation
  const [object, oldObject] = [request.object, request.oldObject].map((each) => {
    const whole = effective(request, each)
    return whole && inVersion(request, whole, version)
  })
  const values = {
    ...requestValues(request, { version, object, oldObject }, options.access),
    params: objectValue(params),
    namespaceObject: await namespaceObject(options, request),
  }
  const evaluation = new Evaluation(values, perPolicyCost, policy.variables)
  try {
    if (!(await conditionsHold(policy.conditions, evaluation))) return []
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    if (policy.ignoresFailure) return []
    return [{ verdict: 'violation', message: error.message, error: error.failure, durationMs: 0 }]
  }
  return judgementsOf(policy, { evaluation, trail, clock: options.clock })
}

/** Does what the binding wants done about it; answers a refusal. */
function actOn(
  { metrics }: PoliciesOptions,
  judgement: Judgement,
  { invocation, request, trail }: Judging,
): PolicyDenial | undefined {
  const { policy, binding } = invocation
  const { verdict, message, reason, index = 0 } = judgement
  const place = { policy: policy.name, binding: binding.name }
  // Kubernetes 1.26 had no choice, and later ones demand it.
  const { validationActions = ['Deny'] } = binding.spec
  const isWanted = (action: string): boolean => verdict === 'violation' && validationActions.includes(action)
  if (verdict === 'ignored') metrics.validated(place, 'allow', judgement)
  if (isWanted('Audit')) {
    trail.violation({ message, ...place, expressionIndex: index, validationActions })
    metrics.validated(place, 'audit', judgement)
  }
  if (isWanted('Warn')) {
    const who = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`
    request.warn(`Validation failed for ${who}: ${message}`)
    metrics.validated(place, 'warn', judgement)
  }
  if (verdict !== 'denial' && !isWanted('Deny')) return undefined
  metrics.validated(place, 'deny', judgement)
  return { ...place, message, ...(reason !== undefined && { reason }) }
}

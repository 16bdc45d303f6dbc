import { jsonEqual } from '../../../machinery/json/equal.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import type { AdmissionCheck, AdmissionRequest } from '../admission.ts'
import { Evaluation, ExpressionError, perPolicyCost } from '../expressions/evaluation.ts'
import { objectValue, requestValues } from '../expressions/values.ts'
import { conditionsHold } from '../matching/conditions.ts'
import { isExempt } from '../matching/exempt.ts'
import { inVersion } from '../matching/in-version.ts'
import type { Turns } from '../rounds.ts'
import { areNone } from '../sources/ready.ts'
import { type Invocation, invocationsOf, namespaceObject } from './invocations.ts'
import { mutatedBy, type Mutation, MutationError, mutationsOf } from './mutations.ts'
import { Policies, type PoliciesOptions } from './policies.ts'
import { mutationFailed, type PolicyDenial } from './policy-denial.ts'

/** One policy after the other changes what was sent; what fails is refused where failurePolicy says so. */
export function mutatingPolicies(options: PoliciesOptions): AdmissionCheck {
  const policies = new Policies(options, mutationsOf)
  return {
    name,
    mutate: (request, rounds) => {
      // What is deleted or has no object cannot be changed.
      if (isExempt(request) || request.object === undefined || areNone(options.policies)) return undefined
      return askAll(options, policies, { request, turns: rounds.turnsOf(name) })
    },
  }
}

const name = 'MutatingAdmissionPolicy'

type FailedCallback = Parameters<typeof invocationsOf<readonly Mutation[]>>[2]['failed']

interface Asked {
  readonly request: AdmissionRequest
  readonly turns: Turns
}

async function askAll(
  options: PoliciesOptions,
  policies: Policies<readonly Mutation[]>,
  { request, turns }: Asked,
): Promise<KubeObject | undefined> {
  turns.begin(request.object)
  let current = request
  for (const bound of await policies.for(request)) {
    const failures: PolicyDenial[] = []
    const failed: FailedCallback = ({ policy, binding, message }) => {
      if (!policy.ignoresFailure) failures.push({ policy: policy.name, binding: binding?.name, message })
    }
    const invocations = await invocationsOf(options, bound, { request: current, failed })
    const [failure] = failures
    if (failure !== undefined) throw mutationFailed(failure, current)
    for (const invocation of invocations) {
      const object = await turn(options, { invocation, request: current, turns })
      if (object !== undefined) current = { ...current, object }
    }
  }
  turns.end(current.object)
  return current.object
}

interface Turn extends Asked {
  readonly invocation: Invocation<readonly Mutation[]>
}

async function turn(options: PoliciesOptions, { invocation, request, turns }: Turn): Promise<KubeObject | undefined> {
  const { policy, binding, params } = invocation
  const id = [policy.name, binding.name, params?.metadata.namespace, params?.metadata.name].join('/')
  if (!turns.isDue(id)) return undefined
  try {
    const mutated = await mutate(options, invocation, request)
    if (mutated === 'not-asked') return undefined
    const isChanged = mutated !== undefined
    turns.took(id, { isChanged, isWilling: policy.spec.reinvocationPolicy === 'IfNeeded' })
    return mutated
  } catch (error) {
    if (!(error instanceof ExpressionError || error instanceof MutationError)) throw error
    if (policy.ignoresFailure) return undefined
    throw mutationFailed({ policy: policy.name, binding: binding.name, message: error.message }, request)
  }
}

/** Undefined: nothing changed. */
async function mutate(
  options: PoliciesOptions,
  invocation: Invocation<readonly Mutation[]>,
  request: AdmissionRequest,
): Promise<KubeObject | undefined | 'not-asked'> {
  const { policy, version, params } = invocation
  const [object, oldObject] = [request.object, request.oldObject].map(
    (each) => each && inVersion(request, each, version),
  )
  if (object === undefined) return 'not-asked'
  const more = { params: objectValue(params), namespaceObject: await namespaceObject(options, request) }
  const evaluationOf = (current: KubeObject): Evaluation => {
    const seen = { version, object: current, oldObject }
    const values = { ...requestValues(request, seen, options.access), ...more }
    return new Evaluation(values, perPolicyCost, policy.variables)
  }
  if (!(await conditionsHold(policy.conditions, evaluationOf(object)))) return 'not-asked'
  let current = object
  for (const mutation of policy.body) {
    const mutable = { object: current, kind: request.kind, evaluation: evaluationOf(current) }
    current = await counted(options, invocation, () => mutatedBy(mutation, mutable))
  }
  if (jsonEqual(current, object)) return undefined
  return request.decode(inVersion({ ...request, version }, current, request.version) as never)
}

async function counted<T>(
  { clock, metrics }: PoliciesOptions,
  { policy, binding }: Invocation<readonly Mutation[]>,
  work: () => Promise<T>,
): Promise<T> {
  const place = { policy: policy.name, binding: binding.name }
  const startMs = clock.monotonic()
  try {
    const done = await work()
    metrics.mutated(place, { durationMs: clock.monotonic() - startMs })
    return done
  } catch (error) {
    const failure = error instanceof ExpressionError ? error.failure : 'invalid_error'
    metrics.mutated(place, { error: failure, durationMs: clock.monotonic() - startMs })
    throw error
  }
}

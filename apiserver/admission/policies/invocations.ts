import type { KubeObject } from '../../../machinery/object.ts'
import { isStatusReason } from '../../../machinery/status.ts'
import { SelectorError } from '../../../machinery/selector/errors.ts'
import type { Value } from '../../../machinery/cel/values/value.ts'
import type { AdmissionRequest } from '../admission.ts'
import { isNamespace } from '../matching/matcher.ts'
import { namespaceValue } from '../expressions/values.ts'
import { paramsOf } from './params.ts'
import { ConfigurationError } from './policy-configuration.ts'
import type { BoundPolicy, CompiledBinding, CompiledPolicy, PoliciesOptions } from './policies.ts'

/** A policy is asked once for each binding and each parameter. */
export interface Invocation<B> {
  readonly policy: CompiledPolicy<B>
  readonly binding: CompiledBinding
  readonly version: string
  readonly params: KubeObject | undefined
}

export interface ConfigurationFailure<B> {
  readonly policy: CompiledPolicy<B>
  readonly binding: CompiledBinding | undefined
  readonly message: string
}

/** Tells `failed` what stands in the way, policy by policy, and goes on with the others. */
export async function invocationsOf<B>(
  options: PoliciesOptions,
  { policy, bindings }: BoundPolicy<B>,
  { request, failed }: { request: AdmissionRequest; failed: (failure: ConfigurationFailure<B>) => void },
): Promise<readonly Invocation<B>[]> {
  const version = await attempted(() => policy.matches(request))
  if (version instanceof ConfigurationError) {
    failed({ policy, binding: undefined, message: `failed to configure policy: ${version.message}` })
    return []
  }
  if (version === undefined) return []
  const invocations: Invocation<B>[] = []
  for (const binding of bindings) {
    const params = await attempted(() => bindingParams(options, { policy, binding, request }))
    if (params instanceof ConfigurationError)
      failed({ policy, binding, message: `failed to configure binding: ${params.message}` })
    else invocations.push(...params.map((each) => ({ policy, binding, version, params: each })))
  }
  return invocations
}

/** null for what belongs to the whole cluster. */
export async function namespaceObject(options: PoliciesOptions, request: AdmissionRequest): Promise<Value> {
  if (isNamespace(request) || request.namespace === undefined) return null
  return namespaceValue(await options.namespaceOf(request.namespace))
}

interface Bound<B> {
  readonly policy: CompiledPolicy<B>
  readonly binding: CompiledBinding
  readonly request: AdmissionRequest
}

async function bindingParams<B>(
  { params }: PoliciesOptions,
  { policy, binding, request }: Bound<B>,
): Promise<readonly (KubeObject | undefined)[]> {
  if ((await binding.matches(request)) === undefined) return []
  const at = { ref: binding.spec.paramRef, namespace: request.namespace }
  return paramsOf(params, policy.spec.paramKind, at)
}

/** A namespace that is gone while its labels are looked for is a failure too, and so is a selector without a sense. */
async function attempted<T>(work: () => Promise<T>): Promise<T | ConfigurationError> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    if (error instanceof SelectorError) return new ConfigurationError(error.message)
    if (isStatusReason(error, 'NotFound')) return new ConfigurationError(error.message)
    throw error
  }
}

import type { Clock } from '../../base/clock.ts'
import type { Outbound } from '../../base/http.ts'
import type { Logger } from '../../base/log.ts'
import type { References } from '../references.ts'

/**
 * What makes values instead of reading them. Nothing that is served so far makes anything
 * outside that would have to be given back, so that there is no GeneratorState to keep.
 */
export interface Generator<Spec> {
  /** New values at every call. Rejects with ProviderError. The spec has its defaults. */
  generate(spec: Spec, context: GenerateContext): Promise<ReadonlyMap<string, Uint8Array>>
}

export interface GenerateContext {
  /** Always those of the consumer's namespace, whatever a selector names. */
  readonly references: References
  readonly namespace: string
  readonly outbound: Outbound
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

import type { Clock } from '../../base/clock.ts'
import type { Outbound } from '../../base/http.ts'
import type { Logger } from '../../base/log.ts'
import type { References } from '../references.ts'

/**
 * What makes values instead of reading them. What some make outside (tokens of Grafana and GitLab) is not given back:
 * no GeneratorState is kept (docs/providers/generators.md says what stays).
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

export function textEntries(texts: Readonly<Record<string, string>>): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text)]))
}

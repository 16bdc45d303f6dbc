import type { Clock } from '../../base/clock.ts'
import type { Outbound } from '../../base/http.ts'
import type { Logger } from '../../base/log.ts'
import type { JsonObject } from '../../machinery/object.ts'
import type { References } from '../references.ts'

/** What makes values instead of reading them. Specs have their defaults. Everything rejects with ProviderError. */
export type Generator<Spec> = PassingGenerator<Spec> | LastingGenerator<Spec>

/** What it makes ends by itself, or is nothing outside. */
export interface PassingGenerator<Spec> {
  /** New values at every call. */
  generate(spec: Spec, context: GenerateContext): Promise<Values>
}

/** What it makes outside stays there until it is given back. */
export interface LastingGenerator<Spec> {
  make(spec: Spec, context: GenerateContext): Promise<LastingValues>
  /** Of what `make` made, by the state that it answered. What is gone already counts as given back. */
  giveBack(spec: Spec, state: unknown, context: GenerateContext): Promise<void>
}

export interface LastingValues {
  readonly values: Values
  /**
   * Where it is and its id, as ESO keeps them: stored in the open, so never anything that stands in `values`. Absent
   * where the API did not tell the id: that can never be given back, and is of use all the same.
   */
  readonly state?: JsonObject
}

type Values = ReadonlyMap<string, Uint8Array>

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

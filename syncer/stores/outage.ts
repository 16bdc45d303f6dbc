import { overdueSince, type Looked } from '../schedule.ts'
import type { SyncerParts } from '../syncer-parts.ts'
import { isTargetValid, type Targets } from '../target/targets.ts'
import type { StorePlace } from './store-ref.ts'
import { readiness } from './stores.ts'

interface Situation {
  readonly places: readonly StorePlace[]
  readonly facts: ReturnType<Targets['get']>
  readonly parts: Pick<SyncerParts, 'stores' | 'options'>
}

/**
 * While a store says that it cannot be used, a refresh that only the clock asks for waits for it: the Secret stands,
 * and ten thousand failures would say no more than the one store does. Ends with the grace after which an
 * ExternalSecret says for itself that it is behind; `undefined` when nothing is held. The store wakes its users when it
 * is back.
 */
export function heldUntil(looked: Looked, { places, facts, parts }: Situation, nowMs: number): number | undefined {
  const { options, stores } = parts
  if (places.every((place) => readiness(stores.get(place)) !== 'False')) return undefined
  const sinceMs = overdueSince(looked, nowMs)
  if (sinceMs === undefined || !isTargetValid(looked.externalSecret, facts)) return undefined
  const untilMs = sinceMs + options.storeOutageGraceMs
  return untilMs > nowMs ? untilMs : undefined
}

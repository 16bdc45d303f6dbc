import type { Clock } from '../../base/clock.ts'
import type { SecretStore } from '../../kinds/secret-store/v1.ts'
import { parseGoDuration } from '../../machinery/duration.ts'
import { ProviderError } from '../../providers/errors.ts'

interface Retrying {
  /** The longest pause that a store may ask for. */
  readonly pauseMaxMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

const retriesMax = 10

/** Repeats a call as the store's `spec.retrySettings` say: as often, with a fixed pause. Without them: once. */
export function retryingOf({ spec }: SecretStore, { pauseMaxMs, clock, signal }: Retrying) {
  const { maxRetries = 0, retryInterval = '' } = spec.retrySettings ?? {}
  const pauseMs = Math.min(pauseMaxMs, Math.max(0, parseGoDuration(retryInterval) ?? 0))
  return async <R>(call: () => Promise<R>): Promise<R> => {
    for (let left = Math.min(retriesMax, maxRetries); ; left -= 1) {
      try {
        return await call()
      } catch (error) {
        const isPassing = error instanceof ProviderError && passing.has(error.code)
        if (left <= 0 || !isPassing) throw error
        await clock.sleep(pauseMs, signal)
      }
    }
  }
}

const passing: ReadonlySet<ProviderError['code']> = new Set(['throttled', 'unavailable'])

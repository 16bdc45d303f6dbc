import { systemClock } from '../clock.ts'
import { onAbort } from './on-abort.ts'

/**
 * Aborts with the signal, or with a TimeoutError when the time is up. Not AbortSignal.any with an AbortSignal.timeout:
 * Node collects a timeout that nothing else refers to, and then it never comes.
 */
export function limited(durationMs: number, signal?: AbortSignal): AbortSignal {
  if (signal === undefined) return AbortSignal.timeout(durationMs)
  const limit = new AbortController()
  const unheard = onAbort(signal, () => limit.abort(signal.reason))
  const expire = (): void => {
    unheard()
    limit.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
  }
  void systemClock.sleep(durationMs, limit.signal).then(expire, () => undefined)
  return limit.signal
}

import { onAbort } from './on-abort.ts'

/**
 * Aborts with the signal, or with a TimeoutError when the time is up. Not AbortSignal.any with an AbortSignal.timeout:
 * Node collects a timeout that nothing else refers to, and then it never comes.
 */
export function limited(durationMs: number, signal?: AbortSignal): AbortSignal {
  if (signal === undefined) return AbortSignal.timeout(durationMs)
  const limit = new AbortController()
  const timer = setTimeout(() => {
    unheard()
    limit.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
  }, durationMs)
  timer.unref()
  const unheard = onAbort(signal, () => {
    clearTimeout(timer)
    limit.abort(signal.reason)
  })
  return limit.signal
}

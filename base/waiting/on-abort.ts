/**
 * Many wait for the end of one long-lived signal: thousands of watches, everyone whose turn has not come. A signal
 * keeps its listeners in a list that it goes through at each change, and warns of eleven. It has one of ours for all.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls once when the signal aborts, now where it has; what is answered takes that back. */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  if (signal.aborted) {
    call()
    return () => undefined
  }
  // Of its own, so that one function may wait twice.
  const wake = (): void => call()
  const calls = waiting.get(signal) ?? listened(signal)
  calls.add(wake)
  return () => void calls.delete(wake)
}

function listened(signal: AbortSignal): Set<() => void> {
  const calls = new Set<() => void>()
  waiting.set(signal, calls)
  signal.addEventListener('abort', () => calls.forEach((call) => call()), { once: true })
  return calls
}

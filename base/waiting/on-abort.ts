/**
 * Many wait for the end of one long-lived signal: thousands of watches, everyone whose turn has not come. A signal
 * keeps its listeners in a list that it goes through at each change, and warns of eleven. It has one of ours for all.
 */
const waiting = new WeakMap<AbortSignal, Listened>()

interface Listened {
  readonly calls: Set<() => void>
  readonly listener: () => void
}

interface Hearing {
  /**
   * The listener stays when nobody waits any more: for those who wait again and again, since it costs ten times what
   * waiting costs. Not of what AbortSignal.any gives: Node keeps such a signal for ever while it has a listener.
   */
  readonly isKept?: boolean
}

/** Calls once when the signal aborts, now where it has; what is answered takes that back. */
export function onAbort(signal: AbortSignal, call: () => void, { isKept = false }: Hearing = {}): () => void {
  if (signal.aborted) {
    call()
    return () => undefined
  }
  // Of its own, so that one function may wait twice.
  const wake = (): void => call()
  const { calls, listener } = waiting.get(signal) ?? listened(signal)
  calls.add(wake)
  return () => {
    calls.delete(wake)
    if (isKept || calls.size > 0 || waiting.get(signal)?.calls !== calls) return
    waiting.delete(signal)
    signal.removeEventListener('abort', listener)
  }
}

function listened(signal: AbortSignal): Listened {
  const calls = new Set<() => void>()
  const listener = (): void => calls.forEach((call) => call())
  const made = { calls, listener }
  waiting.set(signal, made)
  signal.addEventListener('abort', listener, { once: true })
  return made
}

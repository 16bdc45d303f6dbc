import { onAbort } from './waiting/on-abort.ts'

/** Time as an argument, so that one seed replays a run. Wall-clock milliseconds since the epoch, and waiting. */
export interface Clock {
  now(): number
  /** Monotonic milliseconds, for durations: never goes back when the wall clock is set. */
  monotonic(): number
  /** Resolves after `durationMs`; rejects with the signal's reason when it aborts first. Keeps no process alive. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (durationMs, signal) => {
    let leftMs = durationMs
    for (; leftMs > timerMsMax; leftMs -= timerMsMax) await pause(timerMsMax, signal)
    await pause(leftMs, signal)
  },
}

/** Timers of Node hold 31 bits of milliseconds; a longer one would ring at once. */
const timerMsMax = 2 ** 31 - 1

function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason as Error)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      unheard?.()
      resolve()
    }, durationMs)
    timer.unref()
    const unheard =
      signal &&
      onAbort(signal, () => {
        clearTimeout(timer)
        reject(signal.reason as Error)
      })
  })
}

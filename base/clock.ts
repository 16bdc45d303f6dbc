import { setTimeout as delay } from 'node:timers/promises'

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
    await delay(durationMs, undefined, { ref: false, ...(signal && { signal }) })
  },
}

import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/log.ts'
import type { EmbeddedOptions } from '../embedded/backend.ts'

/** The system's clock keeps no process alive; a test that waits for nothing else must not end by that. */
export const awakeClock: Clock = {
  ...systemClock,
  sleep: async (durationMs, signal) => {
    await delay(durationMs, undefined, signal && { signal })
  },
}

/** For tests: small enough that windows are left, with no compaction but the one that a test asks for. */
export const embeddedTestOptions: EmbeddedOptions = {
  clock: awakeClock,
  log: silentLogger,
  writeQueueLengthMax: 10_000,
  commitDelayMs: 0,
  tailCountMax: 256,
  tailBytesMax: 1 << 20,
  retainMs: 600_000,
  retainCount: 100_000,
  retainCountMax: 1_000_000,
  watchLagMax: 100_000,
  intervalMs: 3_600_000,
}

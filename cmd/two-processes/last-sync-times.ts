import type { LiveValues } from '../../apiserver/registry/kind.ts'
import type { Clock } from '../../base/clock.ts'
import type { Work } from '../../base/shutdown.ts'
import type { AskedSyncer } from './syncer-calls.ts'

interface LastSyncTimesOptions {
  readonly syncer: Pick<AskedSyncer, 'lastSyncTimes'>
  readonly clock: Clock
}

/**
 * When the other process last looked at each ExternalSecret, as of a few seconds ago: the stored refreshTime may be far
 * older. While that process is away nothing is looked at, and what is known stays true.
 */
export class LastSyncTimes implements LiveValues, Work {
  readonly #options: LastSyncTimesOptions
  #known: Readonly<Record<string, string>> = {}

  constructor(options: LastSyncTimesOptions) {
    this.#options = options
  }

  lastSyncTime(uid: string): string | undefined {
    return Object.hasOwn(this.#known, uid) ? this.#known[uid] : undefined
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, syncer } = this.#options
    while (!signal.aborted) {
      this.#known = await syncer.lastSyncTimes(signal).catch(() => this.#known)
      await clock.sleep(periodMs, signal).catch(() => undefined)
    }
  }
}

const periodMs = 10_000

import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { KeyPair } from './authority.ts'

/** Looks at the serving certificate every so often and hands a new one on, until `signal` aborts. */
export async function renewServing(options: RenewalOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, periodMs, current, use } = options
  let used = options.first
  for (;;) {
    const isAborted = await clock.sleep(periodMs, signal).then(
      () => false,
      () => true,
    )
    if (isAborted) return
    try {
      const found = await current()
      if (found.certificatePem === used.certificatePem) continue
      use(found)
      used = found
      log.info('serving with a new certificate')
    } catch {
      // The one in use goes on; the next look may succeed.
      log.warn('the serving certificate cannot be renewed')
    }
  }
}

export interface RenewalOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly periodMs: number
  readonly first: KeyPair
  readonly current: () => Promise<KeyPair>
  readonly use: (pair: KeyPair) => void
}

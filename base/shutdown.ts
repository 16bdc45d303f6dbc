import type { Clock } from './clock.ts'
import type { Logger } from './log.ts'

/**
 * What has to be ended, in the reverse order of its beginning. Each step has a limit: one that hangs is named in the
 * log and left behind, so that those below it (the store, last) still end in order.
 */
export class Shutdown {
  readonly #steps: Step[] = []
  readonly #options: ShutdownOptions
  #ending: Promise<void> | undefined

  constructor(options: ShutdownOptions) {
    this.#options = options
  }

  /** Registers how to end what was just begun. */
  onEnd(name: string, end: () => Promise<void>): void {
    this.#steps.push({ name, end })
  }

  /** Ends everything; a second call waits for the first. */
  end(): Promise<void> {
    this.#ending ??= this.#endAll()
    return this.#ending
  }

  async #endAll(): Promise<void> {
    for (const step of this.#steps.reverse()) await this.#endStep(step)
  }

  async #endStep({ name, end }: Step): Promise<void> {
    const { clock, log, stepTimeoutMs } = this.#options
    const ended = new AbortController()
    const late = clock.sleep(stepTimeoutMs, ended.signal).then(
      () => 'late' as const,
      () => 'ended' as const,
    )
    const done = end().then(
      () => 'ended' as const,
      () => 'failed' as const,
    )
    const outcome = await Promise.race([done, late])
    ended.abort()
    if (outcome !== 'ended') log.warn('a part did not end in order', { part: name, outcome })
  }
}

export interface ShutdownOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly stepTimeoutMs: number
}

interface Step {
  readonly name: string
  readonly end: () => Promise<void>
}

import type { Clock } from './clock.ts'
import { placeOf } from './error-place.ts'
import type { Logger } from './log.ts'

/**
 * What has to be ended, in the reverse order of its beginning. Each step has a limit: one that hangs is named in the
 * log and left behind, so that those below it (the store, last) still end in order.
 */
export class Shutdown {
  readonly #steps: Step[] = []
  readonly #options: ShutdownOptions
  #ending: Promise<void> | undefined
  #onBroken: (name: string) => void = () => undefined

  constructor(options: ShutdownOptions) {
    this.#options = options
  }

  /** Registers how to end what was just begun. */
  onEnd(name: string, end: () => PromiseLike<void>): void {
    this.#steps.push({ name, end })
  }

  /** Starts work that goes on until the end. Work that gives up before is told through `broken`. */
  runs(name: string, work: Work): void {
    const stopping = new AbortController()
    const done = work.run(stopping.signal).catch((error: unknown) => {
      if (!stopping.signal.aborted) this.#break(name, error)
    })
    this.onEnd(name, () => {
      stopping.abort()
      return done
    })
  }

  /** Resolves with the name of the first work that gave up. */
  readonly broken = new Promise<string>((resolve) => {
    this.#onBroken = resolve
  })

  /** Ends everything; a second call waits for the first. */
  end(): Promise<void> {
    this.#ending ??= this.#endAll()
    return this.#ending
  }

  #break(name: string, error: unknown): void {
    const { log } = this.#options
    log.error('a part gave up', {
      part: name,
      error: error instanceof Error ? error.name : typeof error,
      at: placeOf(error),
    })
    this.#onBroken(name)
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
    const done = Promise.resolve(end()).then(
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

/** What goes on until the signal aborts. */
export interface Work {
  run(signal: AbortSignal): Promise<void>
}

interface Step {
  readonly name: string
  readonly end: () => PromiseLike<void>
}

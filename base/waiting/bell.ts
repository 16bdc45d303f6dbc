import { onAbort } from './on-abort.ts'

/** Wakes everyone who waits for a change. It carries no news: who wakes looks at the state and decides. */
export class Bell {
  readonly #waiting = new Set<() => void>()

  ring(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  /** Resolves at the next ring, or when the signal aborts. */
  rung(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake)
        unheard()
        resolve()
      }
      this.#waiting.add(wake)
      const unheard = onAbort(signal, wake, { isKept: true })
    })
  }
}

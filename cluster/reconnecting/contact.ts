/**
 * Whether the server answers, as all who ask it have seen it. Whoever pauses because it could not be reached need not
 * wait for the end of the pause when somebody else was answered: after an outage all is well soon.
 */
export class Contact {
  #isLost = false
  readonly #waiting = new Set<() => void>()

  /** Somebody was answered, whatever the answer was. */
  heard(): void {
    if (!this.#isLost) return
    this.#isLost = false
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  /** Somebody could not reach it, or was not answered. */
  lost(): void {
    this.#isLost = true
  }

  /** A signal that aborts when the server answers again; `end` forgets it. */
  restored(): { readonly signal: AbortSignal; readonly end: () => void } {
    const again = new AbortController()
    const wake = (): void => again.abort()
    if (this.#isLost) this.#waiting.add(wake)
    return { signal: again.signal, end: () => this.#waiting.delete(wake) }
  }
}

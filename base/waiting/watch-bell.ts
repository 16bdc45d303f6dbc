import { onAbort } from './on-abort.ts'

/** Wakes the one who reads a watch, again and again: something may be there, or the signal has aborted. */
export class WatchBell {
  #wake = (): void => undefined
  readonly #unheard: () => void

  constructor(signal: AbortSignal) {
    this.#unheard = onAbort(signal, () => this.ring())
  }

  ring(): void {
    this.#wake()
  }

  /** Resolves at the next ring. To be asked for only while the signal has not aborted. */
  rung(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Nobody reads any more. */
  end(): void {
    this.#unheard()
  }
}

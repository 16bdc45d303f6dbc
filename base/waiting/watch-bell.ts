import { onAbort } from './on-abort.ts'

/** Wakes the one who reads a watch, again and again: something may be there, or the signal has aborted. */
export class WatchBell {
  readonly #among: Set<WatchBell> | undefined
  readonly #unheard: () => void
  #wake = (): void => undefined

  /** `among`: where it hangs until the end, or until the signal aborts: whoever just stops to read never ends it. */
  constructor(signal: AbortSignal, among?: Set<WatchBell>) {
    this.#among = among
    among?.add(this)
    this.#unheard = onAbort(signal, () => {
      among?.delete(this)
      this.ring()
    })
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
    this.#among?.delete(this)
    this.#unheard()
  }
}

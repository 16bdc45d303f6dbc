/** Closed until somebody opens it, then open for ever. */
export class Gate {
  readonly opened: Promise<void>
  #isOpen = false
  #open: () => void = () => undefined

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  open(): void {
    this.#isOpen = true
    this.#open()
  }
}

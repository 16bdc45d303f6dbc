/** What is to be done when a write was made, refused or given up: collected on its way. */
export class Settlement {
  #callbacks: (() => void)[] | undefined

  add(callback: () => void): void {
    this.#callbacks = [...(this.#callbacks ?? []), callback]
  }

  /** Once, at the end of the write. */
  settle(): void {
    for (const callback of this.#callbacks ?? []) callback()
  }
}

/** How many requests are being worked on, of each sort; long-running ones (watches) do not count. */
export class InFlight {
  readonly #limits: InFlightLimits
  #readOnly = 0
  #mutating = 0

  constructor(limits: InFlightLimits) {
    this.#limits = limits
  }

  /** Answers what ends the stay, or undefined when there is no room. */
  enter(sort: RequestSort, entry: { readonly isExempt: boolean }): (() => void) | undefined {
    const isFull =
      sort === 'mutating' ? this.#mutating >= this.#limits.mutating : this.#readOnly >= this.#limits.readOnly
    if (isFull && !entry.isExempt) return undefined
    this.#add(sort, 1)
    let isIn = true
    return () => {
      if (isIn) this.#add(sort, -1)
      isIn = false
    }
  }

  count(sort: RequestSort): number {
    return sort === 'mutating' ? this.#mutating : this.#readOnly
  }

  #add(sort: RequestSort, amount: number): void {
    if (sort === 'mutating') this.#mutating += amount
    else this.#readOnly += amount
  }
}

export type RequestSort = 'readOnly' | 'mutating'

export interface InFlightLimits {
  readonly readOnly: number
  readonly mutating: number
}

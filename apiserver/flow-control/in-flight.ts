/** How many requests are being worked on, of each sort; long-running ones (watches) do not count. */
export class InFlight {
  readonly #limits: InFlightLimits
  #readOnly = 0
  #mutating = 0

  constructor(limits: InFlightLimits) {
    this.#limits = limits
  }

  /** Whether there was room; then `leave` must follow. */
  enter(sort: RequestSort, entry: { readonly isExempt: boolean }): boolean {
    if (this.count(sort) >= this.#limits[sort] && !entry.isExempt) return false
    this.#add(sort, 1)
    return true
  }

  leave(sort: RequestSort): void {
    this.#add(sort, -1)
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

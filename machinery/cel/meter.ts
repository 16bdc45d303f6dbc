import { CelCostError } from './errors.ts'

/** Counts what an evaluation costs, and stops it. */
export class Meter {
  readonly #limit: number
  #cost = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get cost(): number {
    return this.#cost
  }

  charge(cost: number): void {
    this.#cost += cost
    if (this.#cost > this.#limit) throw new CelCostError('operation cancelled: actual cost limit exceeded')
  }
}

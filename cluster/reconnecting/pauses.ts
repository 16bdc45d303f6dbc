/**
 * Those of client-go: 0.8 s, doubled after each failure up to 30 s, and up to twice that by chance: no crowd may form.
 */
const pauses = { firstMs: 800, maxMs: 30_000 }

export class Pauses {
  readonly #random: () => number
  #failures = 0

  /** `random` answers from 0 to below 1. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** How long to wait after one more failure; never less than the server asked for. */
  next(retryAfterSeconds = 0): number {
    const plainMs = Math.min(pauses.maxMs, pauses.firstMs * 2 ** Math.min(this.#failures, 30))
    this.#failures += 1
    return Math.max(retryAfterSeconds * 1000, plainMs * (1 + this.#random()))
  }

  succeeded(): void {
    this.#failures = 0
  }
}

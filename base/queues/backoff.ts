/** How long to wait after failures in a row: `firstMs`, doubled each time, `maxMs` at most. */
export class Backoff {
  readonly #firstMs: number
  readonly #maxMs: number
  readonly #failures = new Map<string, number>()

  constructor(options: { readonly firstMs: number; readonly maxMs: number }) {
    this.#firstMs = options.firstMs
    this.#maxMs = options.maxMs
  }

  /** Counts a failure; answers the pause after it, within the given bound or that of all. */
  failed(key: string, maxMs = this.#maxMs): number {
    const count = this.#failures.get(key) ?? 0
    this.#failures.set(key, count + 1)
    return Math.min(maxMs, this.#firstMs * 2 ** Math.min(count, 30))
  }

  succeeded(key: string): void {
    this.#failures.delete(key)
  }
}

import { Bell } from '../../base/waiting/bell.ts'
import type { ProviderError } from '../../providers/errors.ts'

/** So many failures in a row are more than one key that cannot be read. */
const failuresMax = 3

/**
 * Whether the provider of one store may be asked. States:
 * - well: calls go. `failed` leaves it for doubt when the login was refused, or after `failuresMax` failures in a row.
 * - doubt: calls wait for the verdict of whoever looks at the store. `judged` ends it.
 * - broken: calls are refused with what is wrong, without asking. `judged` ends it, too: one look mends it for all.
 */
export class Breaker {
  #failures = 0
  #isInDoubt = false
  readonly #verdict = new Bell()
  #broken: ProviderError | undefined

  /** Resolves when the provider may be asked. Rejects with ProviderError, or with the signal's reason. */
  async passage(signal: AbortSignal): Promise<void> {
    while (this.#isInDoubt) {
      await this.#verdict.rung(signal)
      signal.throwIfAborted()
    }
    if (this.#broken !== undefined) throw this.#broken
  }

  get mayPass(): boolean {
    return !this.#isInDoubt && this.#broken === undefined
  }

  succeeded(): void {
    this.#failures = 0
  }

  /** Answers whether somebody has to look at the store: the failure may be the key's own, or everybody's. */
  failed({ code }: ProviderError): boolean {
    if (!doubtful.has(code)) {
      this.#failures = 0
      return false
    }
    this.#failures += code === 'auth-failed' ? failuresMax : 1
    if (this.#failures >= failuresMax) this.#isInDoubt = true
    return true
  }

  judged(error?: ProviderError): void {
    this.#failures = 0
    this.#broken = error
    this.#isInDoubt = false
    this.#verdict.ring()
  }
}

/** `denied` is what a token that turned bad looks like to a reader. */
const doubtful: ReadonlySet<ProviderError['code']> = new Set(['auth-failed', 'denied', 'unavailable'])

import { Gate } from '../../base/waiting/gate.ts'
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
  #doubt: Gate | undefined
  #broken: ProviderError | undefined

  /** Resolves when the provider may be asked. Rejects with ProviderError. */
  async passage(): Promise<void> {
    while (this.#doubt !== undefined) await this.#doubt.opened
    if (this.#broken !== undefined) throw this.#broken
  }

  get mayPass(): boolean {
    return this.#doubt === undefined && this.#broken === undefined
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
    if (this.#failures >= failuresMax) this.#doubt ??= new Gate()
    return true
  }

  judged(error?: ProviderError): void {
    this.#failures = 0
    this.#broken = error
    this.#doubt?.open()
    this.#doubt = undefined
  }
}

/** `denied` is what a token that turned bad looks like to a reader. */
const doubtful: ReadonlySet<ProviderError['code']> = new Set(['auth-failed', 'denied', 'unavailable'])

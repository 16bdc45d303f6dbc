import { ProviderError } from '../../providers/errors.ts'
import type { SecretsClient } from '../../providers/provider.ts'
import type { References } from '../../providers/references.ts'

/**
 * One logged-in client and what it stands for. Closed when it was given up and its last call has ended: who began a
 * call may finish it.
 */
export class Identity {
  /** What may share values: store, consumer where one counts, and credentials. */
  readonly id: string
  readonly client: SecretsClient
  readonly references: References
  readonly fingerprint: string
  #calls = 0
  #isGivenUp = false

  constructor(base: string, { client, references }: { client: SecretsClient; references: References }) {
    this.client = client
    this.references = references
    this.fingerprint = references.fingerprint()
    this.id = `${base}\n${this.fingerprint}`
  }

  async use<R>(call: (client: SecretsClient) => Promise<R>): Promise<R> {
    this.#calls += 1
    try {
      return await call(this.client)
    } finally {
      this.#calls -= 1
      this.#closeWhenIdle()
    }
  }

  giveUp(): void {
    if (this.#isGivenUp) return
    this.#isGivenUp = true
    this.#closeWhenIdle()
  }

  #closeWhenIdle(): void {
    if (this.#isGivenUp && this.#calls === 0)
      void Promise.resolve(this.client[Symbol.asyncDispose]()).catch(() => undefined)
  }
}

/** What a provider threw, in words that may be told: libraries quote what they were working on. */
export function providerErrorOf(error: unknown, signal: AbortSignal): ProviderError {
  if (error instanceof ProviderError) return error
  const text = signal.aborted ? 'the provider did not answer in time' : 'the provider failed'
  return new ProviderError('unavailable', text)
}

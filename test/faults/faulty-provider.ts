import type { Clock } from '../../base/clock.ts'
import { ProviderError } from '../../providers/errors.ts'
import type { Provider, RemoteKey, RemoteSecret } from '../../providers/provider.ts'
import type { Dice } from '../fuzz/dice.ts'

/** A provider whose values change, and that fails, throttles and dawdles as the dice say. */
export class FaultyProvider {
  /** The share of calls that something happens to. */
  trouble = 0
  reads = 0
  readonly #values = new Map<string, number>()
  readonly #dice: Dice
  readonly #clock: Clock

  constructor(dice: Dice, clock: Clock) {
    this.#dice = dice
    this.#clock = clock
  }

  get provider(): Provider<unknown> {
    return {
      spec: { name: 'fake', schema: {}, validate: () => [], statusCapabilities: 'ReadOnly' },
      capabilities: ['read'],
      connect: async (_, { signal }) => {
        await this.#mishap(signal)
        return {
          check: async (checkSignal) => {
            await this.#mishap(checkSignal)
            return 'ready' as const
          },
          read: (key, readSignal) => this.#read(key, readSignal),
          [Symbol.asyncDispose]: async () => undefined,
        }
      },
    }
  }

  change(key: string): void {
    this.#values.set(key, (this.#values.get(key) ?? 0) + 1)
  }

  value(key: string): string {
    return `${key} ${this.#values.get(key) ?? 0}`
  }

  async #read({ key }: RemoteKey, signal: AbortSignal): Promise<RemoteSecret> {
    this.reads += 1
    await this.#mishap(signal)
    const text = this.value(key)
    return { value: () => Buffer.from(text), entries: () => new Map(), sizeBytes: text.length }
  }

  async #mishap(signal: AbortSignal): Promise<void> {
    if (!this.#dice.chance(this.trouble)) return
    const kind = this.#dice.below(5)
    if (kind === 0) return this.#clock.sleep(this.#dice.below(5000), signal)
    if (kind === 1) throw new ProviderError('throttled', 'slow down', { retryAfterMs: this.#dice.below(3000) })
    if (kind === 2) throw new ProviderError('auth-failed', 'who are you')
    throw new ProviderError(kind === 3 ? 'denied' : 'unavailable', 'not now')
  }
}

import type { Clock } from '../../base/clock.ts'
import type { Outbound } from '../../base/http.ts'
import type { Logger } from '../../base/log.ts'
import { limited } from '../../base/waiting/limited.ts'
import { SingleFlight } from '../../base/waiting/single-flight.ts'
import type { SecretStore } from '../../kinds/secret-store/v1.ts'
import { ProviderError } from '../../providers/errors.ts'
import type { Provider, StoreScope } from '../../providers/provider.ts'
import { createReferences, type References, type ReferenceSources } from '../../providers/references.ts'
import { Identity, providerErrorOf } from './identity.ts'

export interface ClientPoolOptions {
  readonly loadProvider: (name: string) => Promise<Provider<unknown> | undefined>
  readonly sources: Omit<ReferenceSources, 'store' | 'consumerNamespace'>
  readonly outbound: Outbound
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly idleMs: number
}

export interface Wish {
  readonly store: SecretStore
  /** The namespace of the ExternalSecret; absent when the store itself is checked. */
  readonly consumer?: string
  /** Credentials that were read before this moment have to be read again. */
  readonly sinceMs: number
}

/** One attempt to log in, and what came of it. */
interface Slot {
  readonly consumer: string | undefined
  readonly references: References
  readonly outcome: Promise<Identity | ProviderError>
  identity: Identity | undefined
  /** When its credentials were last known to be the current ones. */
  checkedMs: number
  usedMs: number
}

/**
 * Logged-in clients, shared by all who are the same to the provider: those of one store and generation, and of one
 * namespace as soon as anything the store refers to lies in the consumer's namespace. Until the first login has shown
 * that, the others wait for it. Failures are shared alike. Invariants:
 * 1. A slot under `uid/generation` depends on no consumer; one that does is under `uid/generation/namespace`.
 * 2. Nobody gets a client whose credentials were read before the moment that they name.
 */
export class ClientPool {
  readonly #options: ClientPoolOptions
  readonly #slots = new Map<string, Slot>()
  /** Stores, by UID and generation, that are someone else for every consumer. */
  readonly #consumerBound = new Set<string>()
  readonly #checks = new SingleFlight<boolean>()

  constructor(options: ClientPoolOptions) {
    this.#options = options
  }

  /** Rejects with ProviderError. */
  async borrow(wish: Wish): Promise<Identity> {
    const base = baseOf(wish.store)
    for (;;) {
      const key = this.#consumerBound.has(base) ? `${base}/${wish.consumer ?? ''}` : base
      const slot = this.#slots.get(key) ?? this.#open(key, wish)
      const outcome = await slot.outcome
      if (key === base && isBound(wish.store, slot.references)) {
        this.#bind(base, slot)
      } else if (await this.#isCurrent(key, slot, wish.sinceMs)) {
        slot.usedMs = this.#options.clock.monotonic()
        if (outcome instanceof ProviderError) throw outcome
        return outcome
      } else {
        this.#drop(key, slot)
      }
    }
  }

  /** Whether a read showed only now that the client is its consumer's own: nobody may have what it read for all. */
  isMisplaced(store: SecretStore, { references }: Identity): boolean {
    const base = baseOf(store)
    if (this.#consumerBound.has(base) || !isBound(store, references)) return false
    this.#consumerBound.add(base)
    this.retire(base)
    return true
  }

  /** The provider does not take the login any more: whoever comes next logs in anew. */
  giveUp(identity: Identity): void {
    for (const [key, slot] of this.#slots) if (slot.identity === identity) this.#drop(key, slot)
  }

  /** Gives up the clients of a store: of one generation (`uid/generation`) or of all (`uid`). */
  retire(base: string): void {
    for (const [key, slot] of this.#slots) if (key === base || key.startsWith(`${base}/`)) this.#drop(key, slot)
    for (const bound of this.#consumerBound) if (bound.startsWith(`${base}/`)) this.#consumerBound.delete(bound)
  }

  /** Closes what nobody has used for long. */
  sweep(): void {
    const oldestMs = this.#options.clock.monotonic() - this.#options.idleMs
    for (const [key, slot] of this.#slots) if (slot.usedMs < oldestMs) this.#drop(key, slot)
  }

  close(): void {
    for (const [key, slot] of this.#slots) this.#drop(key, slot)
  }

  #bind(base: string, slot: Slot): void {
    this.#consumerBound.add(base)
    if (this.#slots.get(base) !== slot) return
    this.#slots.delete(base)
    this.#slots.set(`${base}/${slot.consumer ?? ''}`, slot)
  }

  #drop(key: string, slot: Slot): void {
    if (this.#slots.get(key) === slot) this.#slots.delete(key)
    void slot.outcome.then(() => slot.identity?.giveUp())
  }

  async #isCurrent(key: string, slot: Slot, sinceMs: number): Promise<boolean> {
    if (slot.checkedMs >= sinceMs) return true
    if (slot.identity === undefined) return false
    const nowMs = this.#options.clock.monotonic()
    return this.#checks.run(key, { notBeforeMs: sinceMs, nowMs }, async () => {
      const isSame = (await slot.references.currentFingerprint()) === slot.identity?.fingerprint
      if (isSame) slot.checkedMs = nowMs
      return isSame
    })
  }

  #open(key: string, { store, consumer }: Wish): Slot {
    const { clock, sources } = this.#options
    const scope = scopeOf(store)
    const references = createReferences({
      ...sources,
      store: scope,
      ...(consumer !== undefined && { consumerNamespace: consumer }),
    })
    const slot: Slot = {
      consumer,
      references,
      identity: undefined,
      checkedMs: clock.monotonic(),
      usedMs: clock.monotonic(),
      outcome: this.#connect({ store, ...(consumer !== undefined && { consumer }) }, references).then((outcome) => {
        if (outcome instanceof Identity) slot.identity = outcome
        return outcome
      }),
    }
    this.#slots.set(key, slot)
    return slot
  }

  async #connect(
    { store, consumer = '' }: Pick<Wish, 'store' | 'consumer'>,
    references: References,
  ): Promise<Identity | ProviderError> {
    const signal = limited(this.#options.timeoutMs, this.#options.signal)
    try {
      const { clock, log, outbound } = this.#options
      const [name = '', spec] = Object.entries(store.spec.provider)[0] ?? []
      const provider = await this.#options.loadProvider(name)
      if (provider === undefined) throw new ProviderError('unsupported', `the provider ${name} is not served`)
      const place = { ...scopeOf(store), name: store.metadata.name ?? '' }
      const client = await provider.connect(spec, { store: place, references, outbound, clock, log, signal })
      const owner = isBound(store, references) ? `${baseOf(store)}/${consumer}` : baseOf(store)
      return new Identity(owner, { client, references })
    } catch (error) {
      return providerErrorOf(error, signal)
    }
  }
}

function baseOf({ metadata }: SecretStore): string {
  return `${metadata.uid}/${metadata.generation ?? 0}`
}

function isBound(store: SecretStore, references: References): boolean {
  return store.kind === 'ClusterSecretStore' && references.scope === 'consumer'
}

function scopeOf({ kind, metadata: { namespace } }: SecretStore): StoreScope {
  return kind === 'ClusterSecretStore'
    ? { kind }
    : { kind: 'SecretStore', ...(namespace !== undefined && { namespace }) }
}

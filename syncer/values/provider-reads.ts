import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import type { Clock } from '../../base/clock.ts'
import { limited } from '../../base/waiting/limited.ts'
import type { SecretStore } from '../../kinds/secret-store/v1.ts'
import { ProviderError } from '../../providers/errors.ts'
import type { FindQuery, ReadResult, RemoteKey, RemoteSecret, SecretsClient } from '../../providers/provider.ts'
import type { Source } from '../fetch.ts'
import type { ProviderCall, SyncMetrics } from '../known/sync-metrics.ts'
import type { SyncerOptions } from '../options.ts'
import type { ClientPool, Wish } from '../stores/client-pool.ts'
import { type Identity, providerErrorOf } from '../stores/identity.ts'
import { Batch } from './batch.ts'
import { Breaker } from './breaker.ts'
import { Budget } from './budget.ts'
import { retryingOf } from './retrying.ts'
import { sharedSecret } from './shared-secret.ts'
import { ValueCache } from './value-cache.ts'

interface ProviderReadsOptions {
  readonly pool: ClientPool
  readonly clock: Clock
  readonly metrics: SyncMetrics
  readonly signal: AbortSignal
  readonly options: SyncerOptions
}

/** An answer of a provider, good or bad. */
type Answer = { readonly sizeBytes: number } & (
  | { readonly secret: RemoteSecret }
  | { readonly found: ReadonlyMap<string, Uint8Array> }
  | { readonly error: ProviderError }
)

interface Reader {
  readonly store: SecretStore
  readonly identity: Identity
}

/** What one store may ask, and whether. By UID: all its identities ask the same provider. */
interface Gauge {
  readonly budget: Budget
  readonly breaker: Breaker
}

interface Call<R> {
  readonly what: ProviderCall
  send(client: SecretsClient, signal: AbortSignal): Promise<R>
}

const errorSizeBytes = 256

/**
 * The shared layer under every fetch: the unit is one remote key, version and metadata policy as seen by one identity.
 * Each unit is read once for all who want it in a round, within the budget of its store, in batches where the provider
 * has them.
 */
export class ProviderReads {
  readonly #parts: ProviderReadsOptions
  readonly #cache: ValueCache<Answer>
  readonly #gauges = new Map<string, Gauge>()
  readonly #batches = new WeakMap<Identity, Batch>()
  #doubted: (store: SecretStore) => void = () => undefined

  constructor(parts: ProviderReadsOptions) {
    const { valueCacheBytesMax: bytesMax, valueAgeMaxMs: ageMaxMs } = parts.options
    this.#parts = parts
    this.#cache = new ValueCache({ bytesMax, ageMaxMs }, parts.clock)
  }

  /** `look` is called with a store that has to be judged: what is asked of it may wait for `judged`. */
  onDoubt(look: (store: SecretStore) => void): void {
    this.#doubted = look
  }

  /** What a consumer of the store sees, read after `sinceMs`. Rejects with ProviderError. */
  async open(wish: Wish): Promise<Source> {
    const { store, sinceMs } = wish
    try {
      return this.#source({ store, identity: await this.#parts.pool.borrow(wish) }, sinceMs)
    } catch (error) {
      if (error instanceof ProviderError) this.#failed(store, error)
      throw error
    }
  }

  /** A look at the store itself: out of turn, and whatever was said of it before. */
  probe<R>(reader: Reader, call: Call<R>): Promise<R> {
    return this.#limited(reader, call)
  }

  /** What came of looking at the store; without an error it may be asked again. */
  judged({ metadata: { uid = '' } }: SecretStore, error?: ProviderError): void {
    this.#gauges.get(uid)?.breaker.judged(error)
  }

  forget(storeUid: string): void {
    this.#gauges.get(storeUid)?.breaker.judged()
    this.#gauges.delete(storeUid)
  }

  /** Lets go of what serves nobody any more; those who wait may have what was read after `waitingSinceMs`. */
  sweep(waitingSinceMs: number): void {
    this.#cache.sweep(waitingSinceMs)
  }

  #source(reader: Reader, sinceMs: number): Source {
    const answer = (unit: string, read: () => Promise<Answer>): MaybePromise<Answer> =>
      this.#cache.get(`${reader.identity.id}\n${unit}`, sinceMs, () => this.#kept(reader, read))
    return {
      read: (key) => {
        const given = answer(unitOf(key, reader.identity.client), () => this.#read(reader, key))
        return given instanceof Promise ? given.then(secretOf) : secretOf(given)
      },
      find: async (query) => foundOf(await answer(`find\n${JSON.stringify(query)}`, () => this.#find(reader, query))),
    }
  }

  /** One call to the store's provider, in its turn and within the time limit, repeated as the store says. */
  #call<R>(reader: Reader, call: Call<R>): Promise<R> {
    const { store, identity } = reader
    const { budget, breaker } = this.#gaugeOf(store)
    const { clock, options, signal } = this.#parts
    const once = async (): Promise<R> => {
      if (!breaker.mayPass) await breaker.passage(signal)
      try {
        const answer = await this.#limited(reader, call)
        breaker.succeeded()
        return answer
      } catch (error) {
        throw this.#noted(store, identity, error as ProviderError)
      }
    }
    const retrying = retryingOf(store, { pauseMaxMs: options.retryMaxMs, clock, signal })
    return budget.run(() => retrying(once), signal)
  }

  /** Rejects with ProviderError. */
  async #limited<R>({ store, identity }: Reader, call: Call<R>): Promise<R> {
    const { metrics, options, signal } = this.#parts
    const provider = Object.keys(store.spec.provider)[0] ?? ''
    const inTime = limited(options.providerTimeoutMs, signal)
    try {
      const answer = await identity.use((client) => call.send(client, inTime))
      metrics.providerCalled(provider, { call: call.what, isFailed: false })
      return answer
    } catch (error) {
      metrics.providerCalled(provider, { call: call.what, isFailed: true })
      throw providerErrorOf(error, inTime)
    }
  }

  async #kept({ store, identity }: Reader, read: () => Promise<Answer>): Promise<Answer> {
    const answer = await read().catch(refusedAnswer)
    if (!this.#parts.pool.isMisplaced(store, identity)) return answer
    return refusedAnswer(
      new ProviderError('unavailable', 'the store turned out to depend on the namespace that uses it'),
    )
  }

  async #read(reader: Reader, key: RemoteKey): Promise<Answer> {
    const batch = this.#batchOf(reader)
    if (batch !== undefined) {
      const result = await batch.read(key)
      if ('error' in result) this.#noted(reader.store, reader.identity, result.error)
      return answerOf(result)
    }
    const call: Call<RemoteSecret> = { what: 'read', send: (client, limited) => client.read(key, limited) }
    return answerOf({ secret: await this.#call(reader, call) })
  }

  async #find(reader: Reader, query: FindQuery): Promise<Answer> {
    const send: Call<ReadonlyMap<string, Uint8Array>>['send'] = async (client, limited) => {
      if (client.find !== undefined) return client.find(query, limited)
      throw new ProviderError('unsupported', 'the provider cannot find secrets')
    }
    const found = await this.#call(reader, { what: 'find', send })
    let sizeBytes = 0
    for (const [name, value] of found) sizeBytes += name.length + value.byteLength
    return { found, sizeBytes }
  }

  #batchOf(reader: Reader): Batch | undefined {
    const { readMany } = reader.identity.client
    if (readMany === undefined) return undefined
    const known = this.#batches.get(reader.identity)
    if (known !== undefined) return known
    const batch = new Batch(readMany.countMax, (refs) =>
      this.#call(reader, { what: 'readMany', send: (_, limited) => readMany.read(refs, limited) }),
    )
    this.#batches.set(reader.identity, batch)
    return batch
  }

  #gaugeOf({ metadata: { uid = '' } }: SecretStore): Gauge {
    const known = this.#gauges.get(uid)
    if (known !== undefined) return known
    const { clock, options } = this.#parts
    const { storeConcurrency: concurrency, storeCallsPerSecond: callsPerSecond, retryMaxMs: pauseMaxMs } = options
    const budget = new Budget({ concurrency, callsPerSecond, pauseMaxMs }, clock)
    const gauge = { budget, breaker: new Breaker() }
    this.#gauges.set(uid, gauge)
    return gauge
  }

  #noted(store: SecretStore, identity: Identity, error: ProviderError): ProviderError {
    if (error.code === 'auth-failed') this.#parts.pool.giveUp(identity)
    if (error.code === 'throttled') this.#gaugeOf(store).budget.pause(error.retryAfterMs ?? 1000)
    this.#failed(store, error)
    return error
  }

  #failed(store: SecretStore, error: ProviderError): void {
    if (this.#gaugeOf(store).breaker.failed(error)) this.#doubted(store)
  }
}

function unitOf({ key, version, metadataPolicy, property }: RemoteKey, { asksByProperty }: SecretsClient): string {
  return JSON.stringify([key, version ?? null, metadataPolicy, ...(asksByProperty ? [property ?? ''] : [])])
}

function answerOf(result: ReadResult): Answer {
  if ('error' in result) return refusedAnswer(result.error)
  const secret = sharedSecret(result.secret)
  return { secret, sizeBytes: secret.sizeBytes }
}

function refusedAnswer(error: unknown): Answer {
  const known = error instanceof ProviderError ? error : new ProviderError('unavailable', 'the provider failed')
  return { error: known, sizeBytes: errorSizeBytes }
}

function secretOf(answer: Answer): RemoteSecret {
  if ('secret' in answer) return answer.secret
  throw 'error' in answer ? answer.error : new ProviderError('invalid-value', 'the provider answered something else')
}

function foundOf(answer: Answer): ReadonlyMap<string, Uint8Array> {
  if ('found' in answer) return answer.found
  throw 'error' in answer ? answer.error : new ProviderError('invalid-value', 'the provider answered something else')
}

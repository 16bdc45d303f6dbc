import type { Filter } from '@aws-sdk/client-secrets-manager'
import { encodeTexts } from '../../base/json/go-json.ts'
import { mapBounded } from '../bounded.ts'
import { ProviderError } from '../errors.ts'
import { namePattern } from '../name-pattern.ts'
import type { FindQuery, RemoteKey, RemoteSecret, SecretsClient } from '../provider.ts'
import { readMany, readsAtOnce } from './batched-reads.ts'
import type { SecretsApi } from './secrets.ts'
import { awsValue } from './value.ts'

/** Secrets of Secrets Manager (eso-inventory.md 4.3). */
export class SecretsManagerReader implements SecretsClient {
  readonly #api: SecretsApi
  readonly #prefix: string
  readonly #credentials: Disposable

  constructor(api: SecretsApi, prefix: string, credentials: Disposable) {
    this.#api = api
    this.#prefix = prefix
    this.#credentials = credentials
  }

  async check(signal: AbortSignal): Promise<'ready'> {
    await this.#api.authenticate(signal)
    return 'ready'
  }

  async read({ key, version, metadataPolicy }: RemoteKey, signal: AbortSignal): Promise<RemoteSecret> {
    const id = this.#prefix + key
    if (id === '') throw new ProviderError('invalid-ref', 'the key is empty')
    if (metadataPolicy === 'Fetch') return awsValue(key, await this.#tags(id, signal))
    return awsValue(key, await this.#api.value(id, version, signal))
  }

  readonly readMany = {
    countMax: 20,
    read: (refs: readonly RemoteKey[], signal: AbortSignal) =>
      readMany(refs, {
        prefix: this.#prefix,
        batch: (ids) => this.#batch(ids, signal),
        read: (ref) => this.read(ref, signal),
      }),
  }

  async find(query: FindQuery, signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    const { name, tags, path } = query
    if (name === undefined && tags === undefined) {
      throw new ProviderError('unsupported', 'unexpected find operator: aws finds by name or by tags')
    }
    const matches = name === undefined ? () => true : namePattern(name.regexp)
    if (tags === undefined && path === undefined) return this.#findByListing(matches, signal)
    const found = new Map<string, Uint8Array>()
    for await (const value of this.#api.batch({ filters: filtersOf(query) }, signal)) {
      if (matches(value.name)) found.set(value.name, value.payload)
    }
    return found
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#api.close()
    this.#credentials[Symbol.dispose]()
  }

  /** The tags as JSON. A secret that is not there is an ordinary error here, as in ESO. */
  async #tags(id: string, signal: AbortSignal): Promise<Uint8Array> {
    try {
      return Buffer.from(encodeTexts(await this.#api.tags(id, signal), 'html'))
    } catch (error) {
      if (!(error instanceof ProviderError) || error.code !== 'secret-missing') throw error
      throw new ProviderError('invalid-ref', `DescribeSecret ${id}: ResourceNotFoundException`)
    }
  }

  async #batch(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    const values = new Map<string, Uint8Array>()
    for await (const { name, arn, payload } of this.#api.batch({ ids }, signal)) {
      values.set(name, payload).set(arn, payload)
    }
    return values
  }

  /** Found names are whole: the prefix is not put before them again. One that vanishes meanwhile is left out. */
  async #findByListing(matches: (name: string) => boolean, signal: AbortSignal) {
    const names: string[] = []
    for await (const name of this.#api.names(signal)) if (matches(name)) names.push(name)
    const found = await mapBounded(names, readsAtOnce, async (name) => {
      try {
        return [[name, await this.#api.value(name, undefined, signal)] as const]
      } catch (error) {
        if (error instanceof ProviderError && error.code === 'secret-missing') return []
        throw error
      }
    })
    return new Map(found.flat())
  }
}

/** AWS joins filters by AND; key and value of a tag are two filters, as in ESO. */
function filtersOf({ path, tags = {} }: FindQuery): readonly Filter[] {
  return [
    ...(path === undefined ? [] : [{ Key: 'name' as const, Values: [path] }]),
    ...Object.entries(tags).flatMap(([key, value]) => [
      { Key: 'tag-key' as const, Values: [key] },
      { Key: 'tag-value' as const, Values: [value] },
    ]),
  ]
}

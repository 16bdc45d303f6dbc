import type { ParameterStringFilter } from '@aws-sdk/client-ssm'
import { encodeTexts } from '../../base/json/go-json.ts'
import { mapBounded } from '../bounded.ts'
import { ProviderError } from '../errors.ts'
import { namePattern } from '../name-pattern.ts'
import type { FindQuery, RemoteKey, RemoteSecret, SecretsClient } from '../provider.ts'
import { readMany, readsAtOnce } from './batched-reads.ts'
import type { ParametersApi } from './parameters.ts'
import { awsValue } from './value.ts'

/** Parameters as secrets (eso-inventory.md 4.3): found names are whole, with their leading slash. */
export class ParameterStoreReader implements SecretsClient {
  readonly #api: ParametersApi
  readonly #prefix: string
  readonly #credentials: Disposable

  constructor(api: ParametersApi, prefix: string, credentials: Disposable) {
    this.#api = api
    this.#prefix = prefix
    this.#credentials = credentials
  }

  async check(signal: AbortSignal): Promise<'ready'> {
    await this.#api.authenticate(signal)
    return 'ready'
  }

  async read({ key, version, metadataPolicy }: RemoteKey, signal: AbortSignal): Promise<RemoteSecret> {
    const name = this.#prefix + key
    if (name === '') throw new ProviderError('invalid-ref', 'the key is empty')
    if (metadataPolicy === 'Fetch') {
      return awsValue(key, Buffer.from(encodeTexts(await this.#api.tags(name, signal), 'html')))
    }
    const asked = version === undefined || version === '' ? name : `${name}:${version}`
    return awsValue(key, await this.#api.value(asked, signal))
  }

  readonly readMany = {
    countMax: 10,
    read: (refs: readonly RemoteKey[], signal: AbortSignal) =>
      readMany(refs, {
        prefix: this.#prefix,
        batch: (names) => this.#api.values(names, signal),
        read: (ref) => this.read(ref, signal),
      }),
  }

  /** A name beats tags. */
  async find({ path, name, tags }: FindQuery, signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    if (name !== undefined) return this.#findByName(path, namePattern(name.regexp), signal)
    if (tags === undefined) {
      throw new ProviderError('unsupported', 'unexpected find operator: aws finds by name or by tags')
    }
    const wanted = Object.entries(tags).map(([key, value]) => ({
      Key: `tag:${key}`,
      Option: 'Equals',
      Values: [value],
    }))
    return this.#readAll([...wanted, ...pathFilter(path)], () => true, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#api.close()
    this.#credentials[Symbol.dispose]()
  }

  /** Where reading by path is denied, names are listed and read one by one, as ESO does. */
  async #findByName(path: string | undefined, matches: (name: string) => boolean, signal: AbortSignal) {
    const found = new Map<string, Uint8Array>()
    try {
      for await (const [name, value] of this.#api.below(path ?? '/', signal)) if (matches(name)) found.set(name, value)
      return found
    } catch (error) {
      if (!(error instanceof ProviderError) || error.code !== 'denied') throw error
      return this.#readAll(pathFilter(path), matches, signal)
    }
  }

  /** One that vanishes meanwhile is left out. */
  async #readAll(
    filters: readonly ParameterStringFilter[],
    matches: (name: string) => boolean,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    const names: string[] = []
    for await (const name of this.#api.names(filters, signal)) if (matches(name)) names.push(name)
    const found = await mapBounded(names, readsAtOnce, async (name) => {
      try {
        return [[name, await this.#api.value(name, signal)] as const]
      } catch (error) {
        if (error instanceof ProviderError && error.code === 'secret-missing') return []
        throw error
      }
    })
    return new Map(found.flat())
  }
}

function pathFilter(path: string | undefined): readonly ParameterStringFilter[] {
  return path === undefined ? [] : [{ Key: 'Path', Option: 'Recursive', Values: [path] }]
}

import { mapBounded } from '../bounded.ts'
import { ProviderError } from '../errors.ts'
import { namePattern } from '../name-pattern.ts'
import type { FindQuery, Provider, RemoteKey, RemoteSecret, SecretsClient } from '../provider.ts'
import { trustOf } from '../trust.ts'
import { VaultHttp } from '../vault/http.ts'
import { listNames, readData } from '../vault/kv.ts'
import { dataPath, isVersion2 } from '../vault/paths.ts'
import { VaultSession } from '../vault/session.ts'
import { vaultValue } from '../vault/value.ts'
import { checkMount } from './mount.ts'
import { type OpenBaoSpec, openBaoSpec } from './spec.ts'

/** The API is that of Vault, and so is the code; what a reference may say is narrower (eso-inventory.md 4.5). */
export const openBao: Provider<OpenBaoSpec> = {
  spec: openBaoSpec,
  capabilities: ['read', 'find'],
  async connect(given, context) {
    const spec = { ...given, path: given.path ?? 'kv' }
    const ca = await trustOf(spec, context.references)
    const http = new VaultHttp(spec, ca === undefined ? {} : { ca }, context.outbound)
    return new OpenBaoClient(spec, await VaultSession.open(spec, http, context))
  },
}

type MountedSpec = OpenBaoSpec & { readonly path: string }

class OpenBaoClient implements SecretsClient {
  readonly #spec: MountedSpec
  readonly #session: VaultSession

  constructor(spec: MountedSpec, session: VaultSession) {
    this.#spec = spec
    this.#session = session
  }

  async check(signal: AbortSignal): Promise<'ready'> {
    await checkMount(this.#spec, this.#session, signal)
    return 'ready'
  }

  /** There is no metadata to fetch here: ESO reads the secret itself then, and so do we. */
  async read({ key, version }: RemoteKey, signal: AbortSignal): Promise<RemoteSecret> {
    const asked = versionOf(this.#spec, version)
    const full = this.#inFull(key)
    const data = await readData(this.#spec, this.#session, { key: full, signal, ...asked })
    // Never `secret-missing`: here ESO's deletion policies do not see a missing secret, but an error.
    if (data === undefined) {
      throw new ProviderError('invalid-ref', `secret not found: at ${dataPath(this.#spec, full)}`)
    }
    return vaultValue(data, 'member')
  }

  /** One level of names, told without the path they were found at. */
  async find({ path, name, tags }: FindQuery, signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    if (tags !== undefined) throw new ProviderError('unsupported', 'cannot find by tags')
    if (name === undefined) throw new ProviderError('unsupported', 'cannot find without a name')
    const matches = namePattern(name.regexp)
    const folder = path === undefined || path === '' ? '' : `${path.replace(/\/+$/, '')}/`
    const listed = await listNames(this.#spec, this.#session, { path: this.#inFull(folder), signal })
    const names = (listed ?? []).filter((one) => !one.endsWith('/') && matches(one))
    const found = await mapBounded(names, readsAtOnce, async (one) => {
      const data = await readData(this.#spec, this.#session, { key: this.#inFull(folder + one), signal })
      return data === undefined ? undefined : ([one, vaultValue(data, 'member').value(undefined)] as const)
    })
    return new Map(found.filter((entry) => entry !== undefined))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
  }

  /** Vault's keys may repeat the mount. These may not: with the mount put before it, a key is what it says. */
  #inFull(key: string): string {
    return isVersion2(this.#spec) ? `${this.#spec.path}/data/${key}` : `${this.#spec.path}/${key}`
  }
}

const readsAtOnce = 8

function versionOf(spec: OpenBaoSpec, version: string | undefined): { readonly version?: string } {
  if (version === undefined || version === '') return {}
  if (!isVersion2(spec)) throw new ProviderError('unsupported', 'cannot read a version with kv version v1')
  if (!/^\d{1,9}$/.test(version)) throw new ProviderError('invalid-ref', 'the version is not a number')
  return { version }
}

import type { TlsIdentity } from '../../base/http.ts'
import { mapBounded } from '../bounded.ts'
import { ProviderError } from '../errors.ts'
import { isJson } from '../../base/json/go-json.ts'
import { documentOf, members } from '../../base/json/json-scan.ts'
import { namePattern } from '../name-pattern.ts'
import type { ConnectContext, FindQuery, Provider, RemoteKey, RemoteSecret, SecretsClient } from '../provider.ts'
import type { SecretKeySelector } from '../references.ts'
import { trustOf } from '../trust.ts'
import { methodOf } from './auth-method.ts'
import { VaultHttp } from './http.ts'
import { listNames, metadataJson, readData, readMetadata } from './kv.ts'
import { isVersion2 } from './paths.ts'
import { VaultSession } from './session.ts'
import { vaultSpec, type VaultSpec } from './spec.ts'
import { vaultValue } from './value.ts'

export const vault: Provider<VaultSpec> = {
  spec: vaultSpec,
  capabilities: ['read', 'find'],
  connect: async (spec, context) => new VaultClient(spec, await openVaultSession(spec, context)),
}

/** For whoever asks other paths than those of secrets. */
export async function openVaultSession(spec: VaultSpec, context: ConnectContext): Promise<VaultSession> {
  const http = new VaultHttp(spec, await tlsOf(spec, context), context.outbound)
  return VaultSession.open(spec, http, context)
}

async function tlsOf(spec: VaultSpec, { references }: ConnectContext): Promise<TlsIdentity> {
  const ca = await trustOf(spec, references)
  const trust = ca === undefined ? {} : { ca }
  const { cert, key } = certificateOf(spec)
  if (cert === undefined || key === undefined) return trust
  return { ...trust, cert: await references.secretKey(cert), key: await references.secretKey(key) }
}

/** One that logs in is the one that connections show. */
function certificateOf({ auth, tls }: VaultSpec): {
  readonly cert?: SecretKeySelector
  readonly key?: SecretKeySelector
} {
  if (auth !== undefined && methodOf(auth) === 'cert') {
    return { cert: auth.cert?.clientCert ?? {}, key: auth.cert?.secretRef ?? {} }
  }
  const { certSecretRef, keySecretRef } = tls ?? {}
  if (certSecretRef === undefined || keySecretRef === undefined) return {}
  return { cert: { key: 'tls.crt', ...certSecretRef }, key: { key: 'tls.key', ...keySecretRef } }
}

class VaultClient implements SecretsClient {
  readonly #spec: VaultSpec
  readonly #session: VaultSession

  constructor(spec: VaultSpec, session: VaultSession) {
    this.#spec = spec
    this.#session = session
  }

  async check(signal: AbortSignal): Promise<'ready'> {
    if (!this.#session.hasToken) return 'ready'
    try {
      const answer = await this.#session.read('auth/token/lookup-self', signal)
      if (answer !== undefined && describesToken(answer)) return 'ready'
      throw new ProviderError('unavailable', 'the answer does not describe a token')
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error
      const code = error.code === 'denied' ? 'auth-failed' : error.code
      throw new ProviderError(code, `invalid vault credentials: ${error.message}`)
    }
  }

  async read({ key, version, metadataPolicy }: RemoteKey, signal: AbortSignal): Promise<RemoteSecret> {
    if (metadataPolicy === 'Fetch') return this.#readMetadata(key, signal)
    const data = await readData(this.#spec, this.#session, { key, signal, ...(version !== undefined && { version }) })
    if (data === undefined) throw new ProviderError('secret-missing', 'Secret does not exist')
    return vaultValue(data)
  }

  async find(query: FindQuery, signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    const { path, name, tags } = query
    if (tags !== undefined && !isVersion2(this.#spec)) {
      throw new ProviderError('unsupported', 'cannot perform find by tag operations with kv version v1')
    }
    const matches = name === undefined ? () => true : namePattern(name.regexp)
    const start = path === undefined ? '' : `${path}/`
    const names = await this.#namesBelow(start, signal)
    if (names === undefined) throw new ProviderError('secret-missing', 'Secret does not exist')
    const wanted = name === undefined ? (tags ?? {}) : {}
    const found = await mapBounded(names.filter(matches), readsAtOnce, async (key) => {
      const data = await this.#dataWithTags(key, wanted, signal)
      return data === undefined ? undefined : ([key, vaultValue(data).value(undefined)] as const)
    })
    return new Map(found.filter((entry) => entry !== undefined))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
  }

  async #readMetadata(key: string, signal: AbortSignal): Promise<RemoteSecret> {
    if (!isVersion2(this.#spec)) {
      throw new ProviderError('unsupported', 'cannot perform metadata fetch operations with kv version v1')
    }
    const metadata = await readMetadata(this.#spec, this.#session, { key, signal })
    if (metadata === undefined) throw new ProviderError('invalid-ref', 'secret not found')
    return vaultValue(metadataJson(metadata))
  }

  /** All keys below a folder, however deep; one that vanishes meanwhile is left out. `undefined` for no such folder. */
  async #namesBelow(folder: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    if (folder.split('/').length > depthMax) throw new ProviderError('unavailable', 'folders are nested too deep')
    const names = await listNames(this.#spec, this.#session, { path: folder, signal })
    if (names === undefined) return undefined
    const found: string[] = []
    for (const name of names) {
      if (!name.endsWith('/')) found.push(folder + name)
      else found.push(...((await this.#namesBelow(folder + name, signal)) ?? []))
    }
    return found
  }

  async #dataWithTags(
    key: string,
    tags: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const wanted = Object.entries(tags)
    if (wanted.length > 0) {
      const metadata = await readMetadata(this.#spec, this.#session, { key, signal })
      if (wanted.some(([name, value]) => metadata?.get(name) !== value)) return undefined
    }
    return readData(this.#spec, this.#session, { key, signal })
  }
}

/** A server that always finds one folder more is not followed for ever. */
const depthMax = 100
const readsAtOnce = 8

function describesToken(answer: string): boolean {
  const document = isJson(answer) ? documentOf(answer) : undefined
  if (!document?.raw.startsWith('{')) return false
  return [...members(document.raw)].some(({ key, value }) => key === 'data' && value.raw.startsWith('{'))
}

import { isJsonObject } from '../../machinery/json/member.ts'
import { convertFoundKeys } from '../convert-keys.ts'
import { ProviderError } from '../errors.ts'
import { namePattern } from '../name-pattern.ts'
import type { ConnectContext, FindQuery, Provider, RemoteKey, RemoteSecret, SecretsClient } from '../provider.ts'
import { KubernetesApi } from './api.ts'
import { checkAccess } from './check.ts'
import { connectionOf } from './connect.ts'
import { kubernetesSpec, type KubernetesSpec } from './spec.ts'
import { absentValue, dataValue, metadataValue, wholeOf, type RemoteObject } from './value.ts'

export const kubernetes: Provider<KubernetesSpec> = {
  spec: kubernetesSpec,
  capabilities: ['read', 'find'],
  async connect(spec, context) {
    const api = new KubernetesApi(await connection(spec, context), context.outbound)
    return new KubernetesClient(api, spec.remoteNamespace ?? 'default')
  },
}

async function connection(spec: KubernetesSpec, context: ConnectContext) {
  try {
    return await connectionOf(spec, context)
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code === 'needs-consumer') throw error
    throw new ProviderError(error.code, `failed to prepare auth: ${error.message}`)
  }
}

class KubernetesClient implements SecretsClient {
  readonly #api: KubernetesApi
  readonly #namespace: string

  constructor(api: KubernetesApi, namespace: string) {
    this.#api = api
    this.#namespace = namespace
  }

  check(signal: AbortSignal): Promise<'ready'> {
    return checkAccess(this.#api, this.#namespace, signal)
  }

  async read({ key, metadataPolicy }: RemoteKey, signal: AbortSignal): Promise<RemoteSecret> {
    // A name no Secret can have must not become a path: `..` or an empty one would read something else.
    if (!secretName.test(key)) return absentValue(key)
    const found = await this.#api.get(`${this.#path}/${key}`, `secrets "${key}"`, signal)
    if (found === undefined) return absentValue(key)
    const object = objectOf(found)
    return metadataPolicy === 'Fetch' ? metadataValue(object) : dataValue(object)
  }

  async find(query: FindQuery, signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    const { tags, name, conversionStrategy } = query
    if (tags === undefined && name === undefined) {
      throw new ProviderError('unsupported', 'unexpected find operator: kubernetes finds by tags or by name')
    }
    const matches = tags === undefined && name !== undefined ? namePattern(name.regexp) : () => true
    const found = new Map<string, Uint8Array>()
    for await (const object of this.#list(tags ?? {}, signal)) {
      if (matches(object.name)) found.set(object.name, Buffer.from(wholeOf(object)))
    }
    return convertFoundKeys(found, conversionStrategy)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  get #path(): string {
    return `/api/v1/namespaces/${encodeURIComponent(this.#namespace)}/secrets`
  }

  async *#list(tags: Readonly<Record<string, string>>, signal: AbortSignal): AsyncGenerator<RemoteObject> {
    const selector = Object.entries(tags).map(([key, value]) => `${key}=${value}`)
    let next = ''
    do {
      const query = new URLSearchParams({ limit: '500' })
      if (selector.length > 0) query.set('labelSelector', selector.sort().join(','))
      if (next !== '') query.set('continue', next)
      const page = await this.#api.get(`${this.#path}?${query.toString()}`, 'secrets', signal)
      if (!Array.isArray(page?.items)) throw notASecret()
      // Items of a list carry no kind of their own.
      for (const item of page.items) yield objectOf({ kind: 'Secret', ...fieldsOf(item) })
      const more: unknown = fieldsOf(page.metadata ?? {}).continue
      next = typeof more === 'string' ? more : ''
    } while (next !== '')
  }
}

const secretName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

function objectOf(fields: Readonly<Record<string, unknown>>): RemoteObject {
  const metadata = fieldsOf(fields.metadata)
  if (fields.kind !== 'Secret' || typeof metadata.name !== 'string') throw notASecret()
  const data = textsOf(fields.data) ?? new Map<string, string>()
  return {
    name: metadata.name,
    data: new Map([...data].map(([key, value]) => [key, Buffer.from(value, 'base64')])),
    labels: textsOf(metadata.labels),
    annotations: textsOf(metadata.annotations),
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (isJsonObject(value)) return value
  throw notASecret()
}

function textsOf(value: unknown): ReadonlyMap<string, string> | undefined {
  if (value === undefined || value === null) return undefined
  const entries = Object.entries(fieldsOf(value))
  return new Map(
    entries.map(([key, text]) => {
      if (typeof text !== 'string') throw notASecret()
      return [key, text]
    }),
  )
}

function notASecret(): ProviderError {
  return new ProviderError('unavailable', 'the API server did not answer with a Secret')
}

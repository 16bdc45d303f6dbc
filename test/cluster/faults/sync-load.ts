import type { ApiAnswer, ApiClient, Json } from '../../support/api-client.ts'
import { listOf } from '../../support/api-client.ts'
import { setTimeout as delay } from 'node:timers/promises'

const keyCount = 10
/** So few that what they write is poured while they write. */
const writersCount = 6
const pauseMs = 200

/** Far longer than any server is away here. */
const patienceMs = 120_000

/**
 * ExternalSecrets of one namespace that somebody goes on creating, whatever the server is doing, and what their Secrets
 * have to be: that is computed here from scratch.
 */
export class SyncLoad {
  /** UID of each ExternalSecret whose creation was acknowledged, by name. */
  readonly acknowledged = new Map<string, string>()
  readonly namespace: string
  readonly #api: ApiClient
  #version = 1

  constructor(api: ApiClient, namespace: string) {
    this.#api = api
    this.namespace = namespace
  }

  get secretsPath(): string {
    return `/api/v1/namespaces/${this.namespace}/secrets`
  }

  get #path(): string {
    return `/apis/external-secrets.io/v1/namespaces/${this.namespace}`
  }

  async begin(): Promise<void> {
    const metadata = { name: this.namespace }
    await this.#api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata })
    await this.#persist('POST', `${this.#path}/secretstores`, this.#store())
  }

  /** Creates so many more, several at once, each until the server has taken it. */
  async create(count: number): Promise<void> {
    const first = this.acknowledged.size
    let next = first
    const write = async (): Promise<void> => {
      while (next < first + count) {
        const name = nameOf((next += 1) - 1)
        const { json } = await this.#persist('POST', `${this.#path}/externalsecrets`, this.#externalSecret(name))
        const uid = json['metadata']?.['uid'] ?? (await this.read(name))['metadata']?.['uid']
        this.acknowledged.set(name, String(uid))
      }
    }
    await Promise.all(Array.from({ length: writersCount }, write))
  }

  /** Another value under every key. */
  async change(): Promise<void> {
    this.#version += 1
    const { spec } = this.#store()
    await this.#persist('PATCH', `${this.#path}/secretstores/fake`, { spec })
  }

  async read(name: string): Promise<Json> {
    return (await this.#persist('GET', `${this.#path}/externalsecrets/${name}`)).json
  }

  /** Names of those whose Secret is not what it has to be, or that are not what was acknowledged. */
  async wrong(): Promise<readonly string[]> {
    const secrets = await this.#named(this.secretsPath)
    const objects = await this.#named(`${this.#path}/externalsecrets`)
    const isRight = ([name, uid]: readonly [string, string]): boolean => {
      const { data, metadata } = secrets.get(name) ?? {}
      const owner = listOf(metadata?.['ownerReferences'])[0]
      const isSame = JSON.stringify(data) === JSON.stringify({ a: btoa(this.#valueOf(name)) })
      return isSame && String(owner?.['uid']) === uid && String(objects.get(name)?.['metadata']?.['uid']) === uid
    }
    return [...this.acknowledged].filter((one) => !isRight(one)).map(([name]) => name)
  }

  /** UID and version of each Secret: unchanged is who was not written. */
  async versions(): Promise<Readonly<Record<string, string>>> {
    const secrets = await this.#named(this.secretsPath)
    const version = ({ metadata }: Json): string =>
      `${String(metadata?.['uid'])}/${String(metadata?.['resourceVersion'])}`
    return Object.fromEntries([...secrets].map(([name, secret]) => [name, version(secret)]))
  }

  #valueOf(name: string): string {
    return `${keyOf(name)} of version ${this.#version}`
  }

  #store() {
    const keys = Array.from({ length: keyCount }, (_, index) => nameOf(index))
    const data = keys.map((name) => ({ key: keyOf(name), value: this.#valueOf(name) }))
    const metadata = { name: 'fake', namespace: this.namespace }
    return {
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata,
      spec: { provider: { fake: { data } } },
    }
  }

  #externalSecret(name: string): object {
    const spec = {
      refreshInterval: '5s',
      secretStoreRef: { name: 'fake' },
      data: [{ secretKey: 'a', remoteRef: { key: keyOf(name) } }],
    }
    const metadata = { name, namespace: this.namespace }
    return { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata, spec }
  }

  async #named(path: string): Promise<ReadonlyMap<string, Json>> {
    const { json } = await this.#persist('GET', path)
    return new Map(listOf(json['items']).map((item) => [String(item['metadata']?.['name']), item]))
  }

  /** What was refused for a while is asked again; what is there already was taken the time before. */
  async #persist(method: string, path: string, body?: object): Promise<ApiAnswer> {
    const deadline = performance.now() + patienceMs
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    for (;;) {
      const answer = await this.#api.call(method, path, { body, contentType }).catch(() => undefined)
      if (answer !== undefined && (answer.status < 400 || answer.status === 409)) return answer
      if (performance.now() > deadline) throw new Error(`${method} ${path}: ${answer?.status} ${answer?.text}`)
      await delay(pauseMs)
    }
  }
}

function nameOf(index: number): string {
  return `es-${index}`
}

function keyOf(name: string): string {
  return `key-${Number(name.replace('es-', '')) % keyCount}`
}

import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { Test } from 'tap'

/** Part of every key that it makes: nothing but a Secret may have it. */
export const keyPrefix = 'glsa_CANARY-'

type Answer = readonly [status: number, body: unknown]

interface Asked {
  readonly method: string
  readonly path: string
}

/** The service accounts of a Grafana and their tokens, as its HTTP API has them. What is asked otherwise is a 400. */
export class GrafanaStandIn {
  readonly url: string
  /** The keys that log in, by the id of the token. */
  readonly living = new Map<number, string>()
  readonly asked: string[] = []
  /** How many tokens there ever were. */
  made = 0
  /** What it answers instead of doing what it is asked. */
  refusal: ((asked: Asked) => Answer | undefined) | undefined
  /** Called with a key before that goes. */
  deleting: ((key: string) => Promise<void>) | undefined
  readonly #password: string
  readonly #accounts = new Map<string, number>()

  private constructor(url: string, password: string) {
    this.url = url
    this.#password = password
  }

  /** One whose administrator's token is `password`. */
  static async open(t: Pick<Test, 'teardown'>, password: string): Promise<GrafanaStandIn> {
    const server = createServer((request, response) => {
      const answered = grafana.#answer(request)
      void answered.then(([status, body]) => response.writeHead(status).end(JSON.stringify(body)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      server.close()
      server.closeAllConnections()
    })
    const grafana = new GrafanaStandIn(`http://127.0.0.1:${(server.address() as AddressInfo).port}/g`, password)
    return grafana
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { method = '', url = '', headers } = request
    const body: unknown = method === 'POST' ? await json(request).catch(() => undefined) : undefined
    const path = url.replace(/^\/g\/api\/serviceaccounts/, '')
    this.asked.push(`${method} ${path}`)
    if (headers.authorization !== `Bearer ${this.#password}`) return [401, { message: 'Invalid API key' }]
    return this.refusal?.({ method, path }) ?? this.#done(method, path, body)
  }

  async #done(method: string, path: string, body: unknown): Promise<Answer> {
    const { name } = (body ?? {}) as { readonly name?: unknown }
    const [, account, token] = /^\/(\d+)\/tokens(?:\/(\d+))?$/.exec(path) ?? []
    if (method === 'GET' && path.startsWith('/search?query=')) return this.#found()
    if (method === 'POST' && path === '' && typeof name === 'string') return this.#account(name)
    if (method === 'POST' && account !== undefined && token === undefined && typeof name === 'string') {
      this.made += 1
      this.living.set(this.made, `${keyPrefix}${this.made}`)
      return [200, { id: this.made, name, key: `${keyPrefix}${this.made}` }]
    }
    if (method === 'DELETE' && token !== undefined) return this.#delete(Number(token))
    return [400, { message: 'bad request data' }]
  }

  #found(): Answer {
    const serviceAccounts = [...this.#accounts].map(([name, id]) => ({ id, name, login: `sa-${id}` }))
    return [200, { totalCount: serviceAccounts.length, serviceAccounts }]
  }

  #account(name: string): Answer {
    const id = this.#accounts.size + 1
    this.#accounts.set(name, id)
    return [201, { id, name, login: `sa-${id}` }]
  }

  async #delete(token: number): Promise<Answer> {
    const key = this.living.get(token)
    if (key === undefined) return [404, { message: 'service account token not found' }]
    await this.deleting?.(key)
    this.living.delete(token)
    return [200, { message: 'Service account token deleted' }]
  }
}

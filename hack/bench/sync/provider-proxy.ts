import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'

export interface Seen {
  readonly path: string
  readonly atMs: number
}

/** Stands before a provider: counts and delays what is asked of it, and is down when told. */
export class ProviderProxy implements AsyncDisposable {
  readonly calls: Seen[] = []
  /** Of units, so far. */
  valueReads = 0
  isDown = false
  readonly #server: Server
  readonly #agent = new Agent({ connections: 64 })

  private constructor(upstream: string, delayMs: number) {
    this.#server = createServer((incoming, response) => {
      this.#count(incoming.url ?? '')
      if (this.isDown) incoming.socket.destroy()
      else void this.#forward({ upstream, delayMs }, incoming, response)
    })
  }

  static async start(upstream: string, delayMs: number): Promise<ProviderProxy> {
    const proxy = new ProviderProxy(upstream, delayMs)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await this.#agent.close()
  }

  #count(path: string): void {
    this.calls.push({ path, atMs: performance.now() })
    if (isValueRead(path)) this.valueReads += 1
  }

  async #forward(
    { upstream, delayMs }: { upstream: string; delayMs: number },
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (delayMs > 0) await delay(delayMs)
    const { host: _, connection: __, ...headers } = incoming.headers
    const method = incoming.method === 'LIST' ? 'GET' : (incoming.method ?? 'GET')
    const body = method === 'GET' ? null : incoming
    const answer = await request(upstream + (incoming.url ?? ''), {
      dispatcher: this.#agent,
      method: method as 'GET',
      headers,
      body,
    })
    response.writeHead(answer.statusCode, { 'content-type': 'application/json' })
    response.end(Buffer.from(await answer.body.arrayBuffer()))
  }
}

export function isValueRead(path: string): boolean {
  return path.includes('/data/unit-')
}

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** One request as it came over the wire; the test answers it when it likes. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly response: ServerResponse
  /** Answers whole. */
  json(code: number, body: unknown, headers?: Readonly<Record<string, string>>): void
  /** One event of a watch. */
  event(type: string, object: unknown): void
}

/** The wire of a kube-apiserver without one: requests queue up here and the test answers them one by one. */
export class FakeWire implements AsyncDisposable {
  readonly #server: Server
  readonly #waiting: WireRequest[] = []
  readonly #sockets = new Set<Socket>()
  #wake: () => void = () => undefined
  /** Connections that were ever opened. */
  connectionCount = 0
  /** Requests that came and whose answer has not ended. */
  openCount = 0

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.connectionCount += 1
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on('request', (request, response) => void this.#take(request, response))
  }

  static async start(): Promise<FakeWire> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new FakeWire(server)
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`)
  }

  /** Requests that came and were not taken. */
  get waitingCount(): number {
    return this.#waiting.length
  }

  async next(): Promise<WireRequest> {
    for (;;) {
      const request = this.#waiting.shift()
      if (request !== undefined) return request
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    this.openCount += 1
    response.once('close', () => (this.openCount -= 1))
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake')
    this.#waiting.push({
      method: request.method ?? '',
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body: Buffer.concat(pieces).toString(),
      response,
      json: (code, body, headers = {}) => {
        response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
      },
      event: (type, object) => void response.write(`${JSON.stringify({ type, object })}\n`),
    })
    this.#wake()
  }
}

import http2 from 'node:http2'
import https from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { systemClock } from '../../base/clock.ts'

export interface WireRequest {
  readonly transport: 'http1' | 'http2' | 'chunked' | 'truncated'
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer | undefined
}

export type WireAnswer =
  | {
      readonly type: 'answer'
      readonly status: number
      readonly headers: Readonly<Record<string, string | string[] | undefined>>
      readonly body: string
    }
  /** The connection ended, as it does for what is no request. */
  | { readonly type: 'closed' }
  | { readonly type: 'silence' }
  /** Our own HTTP client does not send such a thing. */
  | { readonly type: 'unsendable' }

export interface TlsPair {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Sends requests over every protocol there is, and waits so long for each. */
export class Wire implements Disposable {
  readonly #url: URL
  readonly #tls: TlsPair
  readonly #agent: https.Agent
  readonly #patienceMs: number
  #session: http2.ClientHttp2Session | undefined

  constructor(url: string, tls: TlsPair, patienceMs: number) {
    this.#url = new URL(url)
    this.#tls = tls
    this.#patienceMs = patienceMs
    this.#agent = new https.Agent({ ...tls, servername: 'localhost', keepAlive: true, maxSockets: 4 })
  }

  send(request: WireRequest): Promise<WireAnswer> {
    try {
      if (request.transport === 'http2') return this.#http2(request)
      return request.transport === 'truncated' ? this.#truncated(request) : this.#http1(request)
    } catch {
      return Promise.resolve({ type: 'unsendable' })
    }
  }

  #http1({ transport, method, path, headers, body }: WireRequest): Promise<WireAnswer> {
    const length = lengthOf(transport, body)
    return new Promise((resolve) => {
      const sent = https.request({
        ...{ host: this.#url.hostname, port: this.#url.port, agent: this.#agent, setHost: false },
        ...{ method, path, headers: { host: this.#url.host, ...headers, ...length } },
      })
      const stop = ringsAfter(this.#patienceMs, () => done({ type: 'silence' }))
      const done = (answer: WireAnswer): void => {
        stop()
        resolve(answer)
        if (answer.type !== 'answer') sent.destroy()
      }
      sent.on('error', () => done({ type: 'closed' }))
      sent.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', () => done({ type: 'closed' }))
        response.on('end', () =>
          done({
            type: 'answer',
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      })
      if (body !== undefined && transport === 'chunked') {
        sent.write(body.subarray(0, body.length >> 1))
        sent.end(body.subarray(body.length >> 1))
      } else sent.end(body)
    })
  }

  #http2({ method, path, headers, body }: WireRequest): Promise<WireAnswer> {
    const session = this.#openSession()
    return new Promise((resolve) => {
      const { host: _, ...rest } = headers
      const stream = session.request({ ...rest, ':method': method, ':path': path }, { endStream: body === undefined })
      const stop = ringsAfter(this.#patienceMs, () => done({ type: 'silence' }))
      const chunks: Buffer[] = []
      let head: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {}
      const done = (answer: WireAnswer): void => {
        stop()
        resolve(answer)
        stream.close()
      }
      stream.on('error', () => done({ type: 'closed' }))
      stream.on('close', () => done({ type: 'closed' }))
      stream.on('response', (answer) => (head = answer))
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const status = head[':status']
        if (status === undefined) done({ type: 'closed' })
        else done({ type: 'answer', status, headers: head, body: Buffer.concat(chunks).toString() })
      })
      if (body !== undefined) stream.end(body)
    })
  }

  #openSession(): http2.ClientHttp2Session {
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed) return this.#session
    const session = http2.connect(this.#url.origin, { ...this.#tls, servername: 'localhost' })
    session.on('error', () => session.destroy())
    this.#session = session
    return session
  }

  /** Says that more comes than does, and hangs up. */
  #truncated({ method, path, headers, body = Buffer.alloc(0) }: WireRequest): Promise<WireAnswer> {
    const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}`))
    const head = [
      `${method} ${path} HTTP/1.1`,
      `host: ${this.#url.host}`,
      ...lines,
      `content-length: ${body.length + 7}`,
    ]
    return new Promise((resolve) => {
      const { hostname: host, port } = this.#url
      const socket: TLSSocket = connect({ host, port: Number(port), ...this.#tls, servername: 'localhost' })
      socket.on('error', () => undefined)
      socket.on('close', () => resolve({ type: 'closed' }))
      socket.on('data', () => socket.destroy())
      socket.on('secureConnect', () => {
        socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]))
        socket.end()
      })
    })
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
    this.#session?.destroy()
  }
}

/** Node's client says neither of its own accord with a method that has no body most of the time. */
function lengthOf(transport: WireRequest['transport'], body: Buffer | undefined): Readonly<Record<string, string>> {
  if (body === undefined) return {}
  return transport === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) }
}

/** Answers how to stop it. */
function ringsAfter(durationMs: number, ring: () => void): () => void {
  const stopped = new AbortController()
  void systemClock.sleep(durationMs, stopped.signal).then(ring, () => undefined)
  return () => stopped.abort()
}

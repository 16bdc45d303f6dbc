import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type Settings,
} from 'node:http2'
import { once } from 'node:events'
import type { ApiClient } from './api-client.ts'

export interface Http2Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Http2Stream {
  readonly head: { readonly status: number; readonly headers: IncomingHttpHeaders }
  /** The first line of the body. */
  line(): Promise<string>
  close(): void
}

/** One HTTP/2 connection with a client's credentials. */
export class Http2Connection implements Disposable {
  readonly #session: ClientHttp2Session

  private constructor(session: ClientHttp2Session) {
    this.#session = session
    session.on('error', () => undefined)
  }

  static async open(api: ApiClient): Promise<Http2Connection> {
    const session = connect(api.server, { ...api.tls, servername: 'localhost' })
    await once(session, 'remoteSettings')
    return new Http2Connection(session)
  }

  get remoteSettings(): Settings {
    return this.#session.remoteSettings
  }

  async get(path: string, headers: Readonly<Record<string, string | string[]>> = {}): Promise<Http2Answer> {
    const stream = this.#session.request({ ...headers, ':path': path })
    const head = await headOf(stream)
    let text = ''
    for await (const bytes of stream) text += String(bytes)
    return { ...head, text }
  }

  /** An answer whose body is not waited for. */
  async open(path: string): Promise<Http2Stream> {
    const stream = this.#session.request({ ':path': path })
    stream.on('error', () => undefined)
    const head = await headOf(stream)
    return { head, line: () => lineOf(stream), close: () => stream.close() }
  }

  /** Resolves when the server has answered. */
  ping(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#session.ping((error) => (error === null ? resolve() : reject(error)))
    })
  }

  [Symbol.dispose](): void {
    this.#session.destroy()
  }
}

async function headOf(stream: ClientHttp2Stream): Promise<Http2Stream['head']> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  return { status: Number(headers[':status']), headers }
}

async function lineOf(stream: ClientHttp2Stream): Promise<string> {
  let text = ''
  while (!text.includes('\n')) text += String(await pieceOf(stream))
  return text.slice(0, text.indexOf('\n'))
}

async function pieceOf(stream: ClientHttp2Stream): Promise<unknown> {
  const piece: unknown = stream.read()
  if (piece !== null) return piece
  await once(stream, 'readable')
  return stream.read() ?? ''
}

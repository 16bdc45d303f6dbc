import { readFileSync } from 'node:fs'
import { Agent, request } from 'undici'
import { decodeYaml } from '../../machinery/yaml.ts'

export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The body parsed; undefined when it is not JSON. */
  readonly json: Json
}

/** Whatever a server answered: tests look into it freely. */
export interface Json {
  readonly [member: string]: Json
}

/** A list in an answer; empty where there is none. */
export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

/** An answer whose body is still coming. */
export interface OpenAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: AsyncIterable<Buffer>
}

export interface ApiRequestOptions {
  readonly body?: unknown
  /** `none`: the body is sent without one. */
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly signal?: AbortSignal
}

export interface ClientTls {
  readonly ca: string
  readonly cert?: string
  readonly key?: string
}

/** Handshakes of hundreds of connections take their time on a busy machine. */
const connectPatienceMs = 60_000

/** A bare HTTP client with the credentials of a kubeconfig: what a test says is what goes over the wire. */
export class ApiClient implements AsyncDisposable {
  readonly server: string
  /** PEM, for connections of a test's own. */
  readonly tls: ClientTls
  readonly #agent: Agent

  constructor(server: string, tls: ClientTls) {
    this.server = server
    this.tls = tls
    const connect = { ...tls, servername: 'localhost', timeout: connectPatienceMs }
    this.#agent = new Agent({ connect, connections: 512, pipelining: 1 })
  }

  static fromKubeconfig(path: string): ApiClient {
    const config = decodeYaml(readFileSync(path, 'utf8')) as unknown as Json
    const cluster = listOf(config['clusters'])[0]?.['cluster']
    const user = listOf(config['users'])[0]?.['user']
    const pem = (from: Json | undefined, name: string): string =>
      from?.[name] === undefined
        ? Buffer.from(String(from?.[`${name}-data`]), 'base64').toString()
        : readFileSync(String(from[name]), 'utf8')
    return new ApiClient(String(cluster?.['server']), {
      ca: pem(cluster, 'certificate-authority'),
      cert: pem(user, 'client-certificate'),
      key: pem(user, 'client-key'),
    })
  }

  async call(method: string, path: string, options: ApiRequestOptions = {}): Promise<ApiAnswer> {
    const contentType = options.contentType ?? 'application/json'
    const isTyped = options.body !== undefined && contentType !== 'none'
    const answer = await request(`${this.server}${path}`, {
      method: method as 'GET',
      dispatcher: this.#agent,
      headers: { ...(isTyped && { 'content-type': contentType }), ...options.headers },
      body: options.body === undefined ? null : encoded(options.body),
      ...(options.signal && { signal: options.signal }),
    })
    const text = await answer.body.text()
    return { status: answer.statusCode, headers: answer.headers, text, json: parsed(text) }
  }

  /** The body piece by piece, for watches. */
  async stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    return (await this.open(path, { signal })).body
  }

  /** A GET whose body is read piece by piece. */
  async open(
    path: string,
    { headers = {}, signal }: { readonly headers?: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<OpenAnswer> {
    const answer = await request(`${this.server}${path}`, { dispatcher: this.#agent, signal, headers, bodyTimeout: 0 })
    return { status: answer.statusCode, headers: answer.headers, body: answer.body }
  }

  get(path: string): Promise<ApiAnswer> {
    return this.call('GET', path)
  }

  post(path: string, body: unknown): Promise<ApiAnswer> {
    return this.call('POST', path, { body })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }
}

function encoded(body: unknown): string | Buffer {
  return typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined as unknown as Json
  }
}

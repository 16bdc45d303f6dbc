import type { Outbound } from '../../base/http.ts'

/** A request as the SDK hands it over once it is signed. */
export interface SignedRequest {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/**
 * Sends the SDK's requests through the guarded agent: its own handler would resolve names and hold sockets by itself.
 */
export function requestHandler(outbound: Outbound) {
  return {
    async handle(request: SignedRequest, { abortSignal }: { readonly abortSignal?: AbortSignal } = {}) {
      const { status, headers, body } = await outbound.fetch({
        method: request.method === 'GET' ? 'GET' : 'POST',
        url: urlOf(request),
        headers: withoutHost(request.headers),
        ...((typeof request.body === 'string' || request.body instanceof Uint8Array) && { body: request.body }),
        signal: abortSignal ?? new AbortController().signal,
      })
      return { response: { statusCode: status, headers, body } }
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  }
}

function urlOf({ protocol, hostname, port, path, query = {} }: SignedRequest): URL {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`)
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values ?? ''].flat()) url.searchParams.append(name, value)
  }
  return url
}

/** The host was signed as the URL has it; the length is counted where the body is sent. */
function withoutHost(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(host|content-length)$/i.test(name)))
}

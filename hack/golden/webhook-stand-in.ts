import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The plain HTTP server of the recordings: a path answers what the case said last, any other 404. Its own resource
 * `/-/` is how the player talks to it: PUT sets an answer, GET tells and forgets the requests below a path.
 */
export async function startWebhookStandIn(): Promise<{ readonly url: string } & AsyncDisposable> {
  const answers = new Map<string, Answer>()
  const requests: SeenRequest[] = []
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const url = new URL(request.url ?? '/', 'http://peer')
      if (url.pathname !== '/-/') {
        requests.push(seen(request, body))
        return answered(answers.get(request.url ?? ''), response)
      }
      if (request.method === 'PUT') {
        const { path, answer } = JSON.parse(body) as { readonly path: string; readonly answer: Answer }
        answers.set(path, answer)
        return void response.end()
      }
      return void response.end(JSON.stringify(taken(requests, url.searchParams.get('below') ?? '')))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body?: string
}

const unrecorded: ReadonlySet<string> = new Set([
  'host',
  'user-agent',
  'accept-encoding',
  'content-length',
  'connection',
])

function seen({ method = '', url = '', headers }: IncomingMessage, body: string): SeenRequest {
  const recorded = Object.entries(headers).filter(([name]) => !unrecorded.has(name))
  return { method, path: url, headers: Object.fromEntries(recorded), ...(body !== '' && { body }) }
}

/** The distinct requests below the path, which are forgotten then. */
function taken(requests: SeenRequest[], below: string): readonly SeenRequest[] {
  const mine = requests.filter(({ path }) => path.startsWith(below))
  for (const one of mine) requests.splice(requests.indexOf(one), 1)
  return [...new Map(mine.map((one) => [JSON.stringify(one), one])).values()]
}

function answered(answer: Answer | undefined, response: ServerResponse): void {
  const { status = 200, headers = {}, body = '' } = answer ?? { status: 404 }
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

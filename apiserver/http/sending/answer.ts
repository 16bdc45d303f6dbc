import { negotiate } from '../../../machinery/media-type.ts'
import type { ApiResponse } from '../../endpoints/endpoint.ts'
import { wantsPretty } from '../../endpoints/request/query.ts'
import type { AppReply, AppRequest } from '../app.ts'
import { acceptsGzip, gzipped, gzippedPieces, gzipThresholdBytes, measured } from './compression.ts'
import { type Sent, sendPieces, type Sink, type StreamLimits } from './stream.ts'

/** Writes the answer of a verb with the headers that every answer has. */
export function sendAnswer(outlet: Outlet, answer: ApiResponse, query: URLSearchParams): Promise<void> | undefined {
  switch (answer.type) {
    case 'stream':
      return sendStream(outlet, answer)
    case 'bytes':
      if (answer.headers !== undefined) outlet.reply.headers(answer.headers)
      return sendBytes(outlet, answer)
    case 'object':
      return sendObject(outlet, answer, query)
  }
}

export interface Outlet {
  readonly request: AppRequest
  readonly reply: AppReply
  readonly limits: StreamLimits
}

interface Bytes {
  readonly code: number
  readonly contentType: string
  readonly body: Uint8Array
}

async function sendObject(
  outlet: Outlet,
  { code, object }: ApiResponse & { readonly type: 'object' },
  query: URLSearchParams,
): Promise<void> {
  await sendBytes(outlet, { code, ...(await encoded(object, outlet.request, query)) })
}

function sendBytes(outlet: Outlet, { code, contentType, body }: Bytes): Promise<void> | undefined {
  const { request, reply } = outlet
  reply.code(code)
  if (code === 304) {
    reply.send()
    return undefined
  }
  reply.header('content-type', contentType)
  if (body.length > gzipThresholdBytes && acceptsGzip(request.headers['accept-encoding'])) return sendGzip(outlet, body)
  sendBody(outlet, body)
  return undefined
}

async function sendGzip(outlet: Outlet, body: Uint8Array): Promise<void> {
  markGzip(outlet.reply)
  sendBody(outlet, await gzipped(body))
}

function sendBody({ request, reply }: Outlet, body: Uint8Array): void {
  if (request.exchange !== undefined) request.exchange.sentBytes = body.length
  reply.send(body)
}

/** Documents vary with Accept already. */
function markGzip(reply: AppReply): void {
  const known = reply.getHeader('vary')
  const vary = known === undefined ? 'Accept-Encoding' : `${String(known)}, Accept-Encoding`
  reply.header('content-encoding', 'gzip').header('vary', vary)
}

async function sendStream(outlet: Outlet, answer: ApiResponse & { readonly type: 'stream' }): Promise<void> {
  if (answer.flush) {
    const sink = begin(outlet, answer)
    sendHead(sink)
    return sendPieces(sink, answer.pieces)
  }
  if (!acceptsGzip(outlet.request.headers['accept-encoding'])) return sendPieces(begin(outlet, answer), answer.pieces)
  const content = await measured(answer.pieces, gzipThresholdBytes)
  if (content.size === 'small') return sendBytes(outlet, { ...answer, body: content.body })
  markGzip(outlet.reply)
  return sendPieces(begin(outlet, answer), gzippedPieces(content.pieces))
}

/** Takes the response out of Fastify's hands: from here on pieces go to the socket with its own back-pressure. */
function begin(
  { request, reply, limits }: Outlet,
  { code, contentType }: { readonly code: number; readonly contentType: string },
): Sink {
  reply.header('content-type', contentType)
  const headers = reply.getHeaders()
  reply.hijack()
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) reply.raw.setHeader(name, value)
  reply.raw.statusCode = code
  const sent: Sent = request.exchange ?? { sentBytes: 0, isCut: false }
  return { raw: reply.raw, limits, sent }
}

/** At once: a client that watches waits for the head before anything happens. */
function sendHead({ raw }: Sink): void {
  if ('stream' in raw) raw.writeHead(raw.statusCode)
  else raw.flushHeaders()
}

/** JSON or YAML as the client accepts; a client that accepts neither gets the JSON that people can read. */
async function encoded(object: object, request: AppRequest, query: URLSearchParams): Promise<Omit<Bytes, 'code'>> {
  const { accept, 'user-agent': userAgent } = request.headers
  const found = negotiate(accept)
  if (found?.mediaType === 'application/yaml') {
    const { encodeYaml } = await import('../../../machinery/yaml.ts')
    return { contentType: 'application/yaml', body: Buffer.from(encodeYaml(object)) }
  }
  const isPretty = found === undefined || (found.isPretty ?? wantsPretty(query, userAgent))
  const text = isPretty ? JSON.stringify(object, null, 2) : `${JSON.stringify(object)}\n`
  return { contentType: 'application/json', body: Buffer.from(text) }
}

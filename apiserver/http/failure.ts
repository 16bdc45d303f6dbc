import { constants, type Http2ServerResponse } from 'node:http2'
import type { Logger } from '../../base/log.ts'
import { StatusError } from '../../machinery/status.ts'
import { badRequest, methodNotAllowed, statusOf } from '../../machinery/status-errors.ts'
import { StorageError } from '../../storage/errors.ts'
import { refusalOf } from '../errors.ts'
import { sendAnswer, type Outlet } from './sending/answer.ts'
import { leaveAfter } from './connections/last-answer.ts'
import { cut, type RawResponse } from './sending/stream.ts'

/** The one place where errors become answers. */
export async function sendFailure(outlet: Outlet, error: unknown, log: Logger): Promise<void> {
  const { request, reply } = outlet
  const failure = failureOf(error)
  if (failure.code >= 500 && !(error instanceof StatusError)) logUnforeseen(log, error)
  request.exchange?.audit?.failed(failure, { isPanic: isUnforeseen(error) && failure.code === 500 })
  if (reply.sent || reply.raw.headersSent) {
    if (request.exchange !== undefined) request.exchange.isCut = true
    return cut(reply.raw, outlet.limits)
  }
  reply.header('audit-id', request.id).header('cache-control', 'no-cache, private')
  const warnings = request.exchange?.warningHeaders() ?? []
  if (warnings.length > 0) reply.header('warning', warnings)
  const seconds = failure.details?.retryAfterSeconds
  if (seconds !== undefined && seconds > 0) reply.header('retry-after', String(seconds))
  if (failure.code === 403) reply.header('x-content-type-options', 'nosniff')
  // What is still on its way in is not waited for.
  if (leavesRest.has(failure.code) && !isHttp2(reply.raw)) leaveAfter(reply.raw, outlet.limits)
  const query = new URLSearchParams(request.raw.url?.split('?', 2)[1] ?? '')
  const code = failure.code < codesEnd ? failure.code : unforeseen
  await sendAnswer(outlet, { type: 'object', code, object: statusOf(failure) }, query)
  if (isHttp2(reply.raw)) takeLeave(reply.raw, failure.code)
}

/** A webhook may say any code; the Status has it then. */
const codesEnd = 600
const unforeseen = 500

/** The body comes too slowly, or is more than is read. */
const leavesRest: ReadonlySet<number> = new Set([408, 413])

function isHttp2(raw: RawResponse): raw is Http2ServerResponse {
  return 'stream' in raw
}

/**
 * The client is told not to send the rest of its body (RFC 9113, 8.1), and one without credentials that the connection
 * has no future: it costs the client more to open one than the server to serve it. A request without a body has no
 * rest: to reset its stream could cut off the answer.
 */
function takeLeave({ stream }: Http2ServerResponse, code: number): void {
  if (code === 401) stream.session?.close()
  if (stream.endAfterHeaders) return
  // A reset overtakes what still waits to be sent, and Go's clients then have no answer to show: it waits until that
  // has been handed on. By then a body that came whole is known to be whole.
  const reset = (): void => {
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR)
  }
  if (stream.writableFinished) setImmediate(reset)
  else stream.once('finish', () => setImmediate(reset))
}

/** Fastify's own refusals quote the request; ours say what to do. */
function failureOf(error: unknown): StatusError {
  switch (codeOf(error)) {
    case 'FST_ERR_NOT_FOUND':
    // Said of methods that are none of HTTP's (`get`): every path has a route.
    case 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE':
      // Said of QUERY alone, which nothing here answers.
      return methodNotAllowed()
    case 'FST_ERR_BAD_URL':
      return badRequest('the path of the request is not valid percent-encoded UTF-8')
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return badRequest('the path of the request is too long')
    default:
      return refusalOf(error)
  }
}

function isUnforeseen(error: unknown): boolean {
  return !(error instanceof StatusError) && !(error instanceof StorageError)
}

/** Where it happened, without the message: it may quote what was being handled. */
function logUnforeseen(log: Logger, error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '))
  const name = error instanceof Error ? error.name : typeof error
  log.error('a request met an unforeseen error', { name, code: codeOf(error), at: frames.slice(0, 6).join('\n') })
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

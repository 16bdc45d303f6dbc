import type { Socket } from 'node:net'
import { badRequest, statusOf } from '../../machinery/status-errors.ts'
import { StatusError } from '../../machinery/status.ts'
import { arrivedTooSlowly } from './body.ts'
import { leaveWith } from './connections/last-answer.ts'
import type { StreamLimits } from './sending/stream.ts'

/** The last word to a client whose bytes are no request: there is no request to answer, only a socket. */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Socket, limits: StreamLimits): void {
  if (error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const failure = failureOf(error.code)
  const body = `${JSON.stringify(statusOf(failure))}\n`
  const head = [
    `HTTP/1.1 ${failure.code} ${phrases[failure.code] ?? 'Bad Request'}`,
    'Content-Type: application/json',
    'Cache-Control: no-cache, private',
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  leaveWith(`${head.join('\r\n')}\r\n\r\n${body}`, socket, limits)
}

const phrases: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

function failureOf(code: string | undefined): StatusError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new StatusError({ code: 431, reason: '', message: 'the headers of the request are too large' })
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return arrivedTooSlowly()
    default:
      return badRequest('what was sent is not a valid HTTP request')
  }
}

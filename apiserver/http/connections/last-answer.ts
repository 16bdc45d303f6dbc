import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { RawRequest } from '../connection.ts'
import type { StreamLimits } from '../sending/stream.ts'

/** Connections of HTTP/1.1 on which nothing more is answered. */
const leaving = new WeakSet<Socket>()

/**
 * Ends the connection after this answer, while the client may still be sending: what comes is thrown away until it
 * closes, for a few seconds. To close at once would answer those bytes with a reset, and a reset takes the answer out
 * of the client's hands before it was read (RFC 9112, 9.6).
 */
export function leaveAfter(response: ServerResponse, limits: StreamLimits): void {
  const { socket } = response
  if (socket === null) return
  response.setHeader('connection', 'close')
  leaving.add(socket)
  // What node:http calls when the last answer is out; its own closes.
  socket.destroySoon = () => void linger(socket, limits)
}

/** The same where the bytes were no request: `answer` is all that is ever said on the connection. */
export function leaveWith(answer: string, socket: Socket, limits: StreamLimits): void {
  // What comes meanwhile is no request either.
  if (leaving.has(socket)) return
  leaving.add(socket)
  if (socket.writable) socket.write(answer)
  void linger(socket, limits)
}

/** What follows on such a connection is no request any more, whatever it looks like. */
export function isLeaving(raw: RawRequest): boolean {
  return isHttp1(raw) && leaving.has(raw.socket)
}

function isHttp1(raw: RawRequest): raw is IncomingMessage {
  return raw.httpVersionMajor === 1
}

const lingerMsMax = 5000

async function linger(socket: Socket, { clock, stuckReaderMs }: StreamLimits): Promise<void> {
  const closed = new AbortController()
  socket.once('close', () => closed.abort())
  socket.end()
  await clock.sleep(Math.min(lingerMsMax, stuckReaderMs), closed.signal).catch(() => undefined)
  socket.destroy()
}

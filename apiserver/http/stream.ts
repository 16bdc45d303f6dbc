import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { Clock } from '../../base/clock.ts'

export type RawResponse = ServerResponse | Http2ServerResponse

/**
 * Writes pieces as fast as they are read. A reader that takes nothing for `stuckReaderMs` loses its connection: what
 * waits for it would stay in memory for as long as it likes.
 */
export async function sendPieces(
  raw: RawResponse,
  pieces: AsyncIterable<Uint8Array>,
  limits: StreamLimits,
): Promise<void> {
  // The head is out: cutting is the only way left to say that this is not all.
  const outcome = await written(raw, pieces, limits).catch(() => 'broken' as const)
  if (outcome === 'broken') await cut(raw, limits)
}

async function written(
  raw: RawResponse,
  pieces: AsyncIterable<Uint8Array>,
  limits: StreamLimits,
): Promise<'whole' | 'broken'> {
  for await (const piece of pieces) {
    if (raw.destroyed || raw.writableEnded) return 'whole'
    if (!write(raw, piece) && !(await hasDrained(raw, limits))) return 'broken'
  }
  raw.end()
  return 'whole'
}

export interface StreamLimits {
  readonly clock: Clock
  readonly stuckReaderMs: number
}

/**
 * Ends an answer in the middle. A stream of HTTP/2 is gone when its RST_STREAM is out. On a connection that nobody
 * reads it never is: then the connection goes with all its streams.
 */
export async function cut(raw: RawResponse, { clock, stuckReaderMs }: StreamLimits): Promise<void> {
  if (!('stream' in raw)) {
    raw.destroy()
    return
  }
  const { stream } = raw
  if (stream.destroyed) return
  const { session } = stream
  const closed = new AbortController()
  stream.once('close', () => closed.abort())
  stream.close(cancelCode)
  await clock.sleep(stuckReaderMs, closed.signal).then(
    () => session?.destroy(),
    () => undefined,
  )
}

/** RFC 9113, 7: CANCEL. */
const cancelCode = 8

function write(raw: RawResponse, piece: Uint8Array): boolean {
  return 'stream' in raw ? raw.write(piece) : raw.write(piece)
}

async function hasDrained(raw: RawResponse, { clock, stuckReaderMs }: StreamLimits): Promise<boolean> {
  const done = new AbortController()
  const stuck = clock.sleep(stuckReaderMs, done.signal).then(
    () => false,
    () => true,
  )
  const outcome = await Promise.race([drainOf(raw, done.signal), stuck])
  done.abort()
  return outcome
}

function drainOf(raw: RawResponse, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const drained = (): void => resolve(true)
    const closed = (): void => resolve(false)
    raw.once('drain', drained).once('close', closed)
    signal.addEventListener('abort', () => raw.off('drain', drained).off('close', closed), { once: true })
  })
}

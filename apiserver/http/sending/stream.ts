import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { Clock } from '../../../base/clock.ts'

export type RawResponse = ServerResponse | Http2ServerResponse

/**
 * Writes pieces as fast as they are read. A reader that takes nothing for `stuckReaderMs` loses its connection: what
 * waits for it would stay in memory for as long as it likes.
 */
export async function sendPieces(sink: Sink, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  // The head is out: cutting is the only way left to say that this is not all.
  const outcome = await written(sink, pieces).catch(() => 'broken' as const)
  if (outcome === 'whole') return
  sink.sent.isCut = true
  await cut(sink.raw, sink.limits)
}

async function written({ raw, limits, sent }: Sink, pieces: AsyncIterable<Uint8Array>): Promise<'whole' | 'broken'> {
  using reader = new Reader(raw, limits)
  for await (const piece of pieces) {
    if (raw.destroyed || raw.writableEnded) return 'whole'
    sent.sentBytes += piece.length
    if (!write(raw, piece) && !(await reader.hasDrained())) return 'broken'
  }
  raw.end()
  return 'whole'
}

/** Where an answer goes. */
export interface Sink {
  readonly raw: RawResponse
  readonly limits: StreamLimits
  readonly sent: Sent
}

/** What has become of an answer, for metrics. */
export interface Sent {
  /** Of its body, as they go out. */
  sentBytes: number
  /** By us, in the middle. */
  isCut: boolean
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

/** Who takes the pieces of one answer. A watch waits for its reader many times: nothing is set up for each. */
class Reader implements Disposable {
  readonly #raw: RawResponse
  readonly #limits: StreamLimits
  readonly #ended = new AbortController()
  #wait: { readonly sinceMs: number; readonly settle: (hasDrained: boolean) => void } | undefined

  constructor(raw: RawResponse, limits: StreamLimits) {
    this.#raw = raw
    this.#limits = limits
    raw.on('drain', this.#drained).on('close', this.#closed)
    void this.#watchTime()
  }

  /** False when the connection closed, or nothing was taken for too long. */
  hasDrained(): Promise<boolean> {
    return new Promise((settle) => {
      this.#wait = { sinceMs: this.#limits.clock.monotonic(), settle }
    })
  }

  [Symbol.dispose](): void {
    this.#ended.abort()
    this.#raw.off('drain', this.#drained).off('close', this.#closed)
  }

  readonly #drained = (): void => this.#settle(true)
  readonly #closed = (): void => this.#settle(false)

  #settle(hasDrained: boolean): void {
    this.#wait?.settle(hasDrained)
    this.#wait = undefined
  }

  async #watchTime(): Promise<void> {
    const { clock, stuckReaderMs } = this.#limits
    const { signal } = this.#ended
    while (!signal.aborted) {
      const waitedMs = this.#wait === undefined ? 0 : clock.monotonic() - this.#wait.sinceMs
      if (waitedMs >= stuckReaderMs) this.#settle(false)
      else await clock.sleep(stuckReaderMs - waitedMs, signal).catch(() => undefined)
    }
  }
}

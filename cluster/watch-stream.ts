import type { Clock } from '../base/clock.ts'
import type { JsonObject } from '../machinery/object.ts'
import { ClusterError } from './errors.ts'

/** One line of a watch, before anybody looked into the object. */
export interface WireEvent {
  readonly type: string
  readonly object: JsonObject
}

/** The largest object that etcd takes is 1.5 MiB; JSON and managedFields can make a multiple of it. */
const lineBytesMax = 32 * 1024 * 1024

/** The events of each piece together. A line that is none of ours ends the stream with ClusterError. */
export async function* wireEvents(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<readonly WireEvent[]> {
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    const end = bytes.lastIndexOf(newline)
    if (end < 0) {
      rest.push(bytes)
      restBytes += bytes.length
      if (restBytes > lineBytesMax) throw new ClusterError('cluster-answer', 'a line of a watch is too long')
      continue
    }
    const whole = Buffer.concat([...rest, bytes.subarray(0, end)]).toString()
    rest = end + 1 < bytes.length ? [bytes.subarray(end + 1)] : []
    restBytes = bytes.length - end - 1
    yield whole.split('\n').filter(Boolean).map(eventOf)
  }
}

const newline = 10

function eventOf(line: string): WireEvent {
  try {
    const { type, object } = JSON.parse(line) as { readonly type?: unknown; readonly object?: unknown }
    if (typeof type === 'string' && typeof object === 'object' && object !== null) {
      return { type, object: object as JsonObject }
    }
  } catch {
    // Told below, without the line.
  }
  throw new ClusterError('cluster-answer', 'a line of a watch is not an event')
}

/**
 * A connection that was cut without a word looks like one on which nothing happens. kube-apiserver says something at
 * least once a minute where bookmarks are asked for: whoever hears nothing for longer begins anew.
 */
export class Silence {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #over = new AbortController()
  readonly #ended = new AbortController()
  #heardMs: number

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#heardMs = clock.monotonic()
    void this.#listen()
  }

  /** Aborts when nothing was heard for too long. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  async *heard(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      this.#heardMs = this.#clock.monotonic()
      yield piece
    }
  }

  end(): void {
    this.#ended.abort()
  }

  async #listen(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const leftMs = this.#heardMs + this.#limitMs - this.#clock.monotonic()
      if (leftMs <= 0) return this.#over.abort()
      await this.#clock.sleep(leftMs, this.#ended.signal).catch(() => undefined)
    }
  }
}

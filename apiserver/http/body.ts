import type { Clock } from '../../base/clock.ts'
import { requestEntityTooLarge } from '../../machinery/status-errors.ts'
import { StatusError } from '../../machinery/status.ts'
import type { RawRequest } from './connection.ts'

export interface BodyLimits {
  readonly bodyBytesMax: number
  /** How long a body may take whatever its length, ... */
  readonly bodyGraceMs: number
  /** ... and how fast what takes longer has to come. */
  readonly bodyBytesPerSecondMin: number
}

/**
 * The whole body as it came, at most `bodyBytesMax` of it: beyond that 413, and the rest is thrown away unread. A body
 * that trickles in is given up: it holds the place of a request that is all there.
 */
export function readBody(raw: RawRequest, receiver: Receiver, limits: BodyLimits): Promise<Uint8Array> {
  const { bodyBytesMax } = limits
  if (Number(raw.headers['content-length'] ?? 0) > bodyBytesMax) {
    raw.resume()
    return Promise.reject(tooLarge(bodyBytesMax))
  }
  const arrival = new Arrival(receiver.clock, limits)
  receiver.arrival = arrival
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    raw.on('data', (chunk: Buffer) => {
      arrival.byteCount += chunk.length
      if (arrival.byteCount <= bodyBytesMax && !receiver.isAborted) {
        chunks.push(chunk)
        return
      }
      chunks.length = 0
      if (arrival.byteCount > bodyBytesMax) reject(tooLarge(bodyBytesMax))
    })
    raw.on('end', () => {
      receiver.arrival = undefined
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
    })
    raw.on('error', reject)
  })
}

/** The request that a body belongs to. */
interface Receiver {
  readonly clock: Clock
  readonly isAborted: boolean
  arrival: Arrival | undefined
}

/** A body on its way in. */
export class Arrival {
  byteCount = 0
  readonly #startMs: number
  readonly #limits: BodyLimits

  constructor(clock: Clock, limits: BodyLimits) {
    this.#startMs = clock.monotonic()
    this.#limits = limits
  }

  isTooSlow(nowMs: number): boolean {
    const { bodyGraceMs, bodyBytesPerSecondMin } = this.#limits
    const earnedMs = bodyBytesPerSecondMin === 0 ? Infinity : (this.byteCount / bodyBytesPerSecondMin) * 1000
    return nowMs - this.#startMs > bodyGraceMs + earnedMs
  }
}

/** What is answered to a request of which not enough came. */
export function arrivedTooSlowly(): StatusError {
  return new StatusError({ code: 408, reason: 'Timeout', message: 'the request did not arrive in time' })
}

function tooLarge(bytesMax: number): Error {
  return requestEntityTooLarge(`limit is ${bytesMax}`)
}

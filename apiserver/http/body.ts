import type { Readable } from 'node:stream'
import { requestEntityTooLarge } from '../../machinery/status-errors.ts'

/** The whole body as it came, at most `bytesMax` of it: beyond that 413, and the rest is thrown away unread. */
export function readBody(stream: Readable, length: string | undefined, bytesMax: number): Promise<Uint8Array> {
  if (Number(length ?? 0) > bytesMax) {
    stream.resume()
    return Promise.reject(tooLarge(bytesMax))
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= bytesMax) chunks.push(chunk)
      else {
        chunks.length = 0
        reject(tooLarge(bytesMax))
      }
    })
    stream.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    stream.on('error', reject)
  })
}

function tooLarge(bytesMax: number): Error {
  return requestEntityTooLarge(`limit is ${bytesMax}`)
}

import { PassThrough, pipeline, Readable } from 'node:stream'
import { promisify } from 'node:util'
import { createGzip, gzip } from 'node:zlib'

/** Smaller bodies go out as they are (k8s.io/apiserver, defaultGzipThresholdBytes). */
export const gzipThresholdBytes = 128 * 1024

/** The bare token counts and nothing else: `gzip;q=0.5` and `GZIP` are not compressed for. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return acceptEncoding?.split(',').some((token) => token.trim() === 'gzip') ?? false
}

/** Fast rather than small, as kube-apiserver does. */
const options = { level: 1, chunkSize: 64 * 1024 }
const compress = promisify<Uint8Array, typeof options, Buffer>(gzip)

export function gzipped(body: Uint8Array): Promise<Uint8Array> {
  return compress(body, options)
}

export function gzippedPieces(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const output = new PassThrough()
  // A failure reaches the reader through `output`, which pipeline destroys with it.
  pipeline(Readable.from(pieces), createGzip(options), output, () => undefined)
  return output
}

export type Measured =
  | { readonly size: 'small'; readonly body: Uint8Array }
  | { readonly size: 'large'; readonly pieces: AsyncIterable<Uint8Array> }

/** Looks whether there is more than `thresholdBytes`, and loses nothing of what it looked at. */
export async function measured(pieces: AsyncIterable<Uint8Array>, thresholdBytes: number): Promise<Measured> {
  const iterator = pieces[Symbol.asyncIterator]()
  const seen: Uint8Array[] = []
  let size = 0
  while (size <= thresholdBytes) {
    const next = await iterator.next()
    if (next.done === true) return { size: 'small', body: Buffer.concat(seen) }
    seen.push(next.value)
    size += next.value.length
  }
  return { size: 'large', pieces: chained(seen, iterator) }
}

async function* chained(seen: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* seen
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

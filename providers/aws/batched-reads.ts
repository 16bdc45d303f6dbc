import { mapBounded } from '../bounded.ts'
import { ProviderError } from '../errors.ts'
import type { ReadResult, RemoteKey, RemoteSecret } from '../provider.ts'
import { awsValue } from './value.ts'

interface ReadsInBatches {
  readonly prefix: string
  /** The values by all names that they go by; what is not there is not in it. */
  batch(ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>
  read(ref: RemoteKey): Promise<RemoteSecret>
}

export const readsAtOnce = 8

/** One batch for what has no version; the rest, and everything where batches are not allowed, one by one. */
export async function readMany(refs: readonly RemoteKey[], reads: ReadsInBatches): Promise<readonly ReadResult[]> {
  const plain = refs.filter(({ version = '', metadataPolicy }) => version === '' && metadataPolicy === 'None')
  const ids = [...new Set(plain.map(({ key }) => reads.prefix + key))].filter((id) => id !== '')
  const batch = ids.length > 1 ? await unlessRefused(reads.batch(ids)) : undefined
  return mapBounded(refs, readsAtOnce, async (ref): Promise<ReadResult> => {
    const payload = plain.includes(ref) ? batch?.get(reads.prefix + ref.key) : undefined
    if (payload !== undefined) return { secret: awsValue(ref.key, payload) }
    return reads.read(ref).then((secret) => ({ secret }), refusedResult)
  })
}

/** `undefined` where one call for all is refused: existing policies may allow to read one by one only. */
async function unlessRefused<T>(batch: Promise<T>): Promise<T | undefined> {
  try {
    return await batch
  } catch (error) {
    if (error instanceof ProviderError && (error.code === 'denied' || error.code === 'invalid-ref')) return undefined
    throw error
  }
}

function refusedResult(error: unknown): ReadResult {
  if (error instanceof ProviderError) return { error }
  throw error
}

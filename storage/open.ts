import type { Backend } from './backend.ts'
import { EmbeddedBackend, type EmbeddedOptions } from './embedded/backend.ts'
import type { Engine } from './embedded/engine.ts'
import { openMemoryEngine } from './embedded/engine-memory.ts'

export type BackendOptions = ({ readonly kind: 'memory' } | { readonly kind: 'lmdb'; readonly directory: string }) &
  EmbeddedOptions

export async function openBackend(options: BackendOptions): Promise<Backend> {
  const engine = options.kind === 'memory' ? openMemoryEngine() : await openDirectory(options.directory)
  try {
    return new EmbeddedBackend(engine, options)
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw error
  }
}

async function openDirectory(directory: string): Promise<Engine> {
  const { openLmdbEngine } = await import('./embedded/engine-lmdb.ts')
  return openLmdbEngine(directory)
}

import type { Backend } from './backend.ts'
import { EmbeddedBackend, type EmbeddedOptions } from './embedded/backend.ts'
import { openMemoryEngine } from './embedded/engine-memory.ts'

export type BackendOptions = { readonly kind: 'memory' } & EmbeddedOptions

export async function openBackend(options: BackendOptions): Promise<Backend> {
  return new EmbeddedBackend(openMemoryEngine(), options)
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { StorePlace } from './conformance/backend-suite.ts'
import { embeddedTestOptions } from './conformance/embedded-options.ts'
import { storageSuite, storeOpeners } from './conformance/storage-suite.ts'
import { EmbeddedBackend } from './embedded/backend.ts'
import { MemoryDisk, openMemoryEngine } from './embedded/engine-memory.ts'
import { openBackend } from './open.ts'

async function memoryPlace(): Promise<StorePlace> {
  const disk = new MemoryDisk()
  return { open: async () => new EmbeddedBackend(openMemoryEngine(disk), embeddedTestOptions) }
}

async function lmdbPlace(t: Test): Promise<StorePlace> {
  const directory = mkdtempSync(join(tmpdir(), 'store-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return { open: () => openBackend({ kind: 'lmdb', directory, ...embeddedTestOptions }) }
}

t.test('direct store in memory', async (t) => storageSuite(t, memoryPlace, storeOpeners.direct))
t.test('direct store over LMDB', async (t) => storageSuite(t, lmdbPlace, storeOpeners.direct))
t.test('cached store in memory', async (t) => storageSuite(t, memoryPlace, storeOpeners.cached))
t.test('cached store over LMDB', async (t) => storageSuite(t, lmdbPlace, storeOpeners.cached))

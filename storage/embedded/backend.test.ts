import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { backendSuite, type StorePlace } from '../conformance/backend-suite.ts'
import { embeddedTestOptions } from '../conformance/embedded-options.ts'
import { stateSuite } from '../conformance/state-suite.ts'
import { openBackend } from '../open.ts'
import { EmbeddedBackend } from './backend.ts'
import { MemoryDisk, openMemoryEngine } from './engine-memory.ts'

t.test('embedded backend in memory', async (t) => {
  const newPlace = async (): Promise<StorePlace> => {
    const disk = new MemoryDisk()
    return { open: async () => new EmbeddedBackend(openMemoryEngine(disk), embeddedTestOptions) }
  }
  backendSuite(t, newPlace)
  stateSuite(t, newPlace)
})

t.test('embedded backend over LMDB', async (t) => {
  const newPlace = async (t: Test): Promise<StorePlace> => {
    const directory = mkdtempSync(join(tmpdir(), 'store-'))
    t.teardown(() => rmSync(directory, { recursive: true, force: true }))
    return { open: () => openBackend({ kind: 'lmdb', directory, ...embeddedTestOptions }) }
  }
  backendSuite(t, newPlace)
  stateSuite(t, newPlace)
})

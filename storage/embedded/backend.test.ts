import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { backendSuite } from '../conformance/backend-suite.ts'
import { embeddedTestOptions } from '../conformance/embedded-options.ts'
import { openBackend } from '../open.ts'
import { EmbeddedBackend } from './backend.ts'
import { MemoryDisk, openMemoryEngine } from './engine-memory.ts'

t.test('embedded backend in memory', async (t) => {
  backendSuite(t, async () => {
    const disk = new MemoryDisk()
    return { open: async () => new EmbeddedBackend(openMemoryEngine(disk), embeddedTestOptions) }
  })
})

t.test('embedded backend over LMDB', async (t) => {
  backendSuite(t, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'store-'))
    t.teardown(() => rmSync(directory, { recursive: true, force: true }))
    return { open: () => openBackend({ kind: 'lmdb', directory, ...embeddedTestOptions }) }
  })
})

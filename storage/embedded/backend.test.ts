import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import t, { type Test } from 'tap'
import { Gate } from '../../base/waiting/gate.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { until as eventually } from '../../test/support/until.ts'
import type { Key, Revision } from '../backend.ts'
import { backendSuite, type StorePlace } from '../conformance/backend-suite.ts'
import { embeddedTestOptions } from '../conformance/embedded-options.ts'
import { stateSuite } from '../conformance/state-suite.ts'
import { openBackend } from '../open.ts'
import { EmbeddedBackend } from './backend.ts'
import type { Engine } from './engine.ts'
import { MemoryDisk, openMemoryEngine } from './engine-memory.ts'
import { decodeLogRecord, encodeLogRecord } from './log/log-record.ts'

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

t.test('a log record bears the CRC-32 of its revision and of all that it is but the checksum', (t) => {
  for (const revision of [1, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1] as Revision[]) {
    const value = Buffer.from(`of ${revision}`)
    const record = { type: 'put', revision, key: '/g/r/é' as Key, previous: (revision - 1) as Revision, value } as const
    const bytes = Buffer.from(encodeLogRecord(record))
    const order = Buffer.alloc(8)
    order.writeBigUInt64BE(BigInt(revision))
    const covered = Buffer.concat([order, bytes.subarray(0, 12), bytes.subarray(16)])
    t.equal(bytes.readUInt32BE(12), crc32(covered))
    t.same(decodeLogRecord(revision, bytes), record)
  }
  t.end()
})

t.test('a watch sleeps while others write, and hears later or at a barrier how far the log has come', async (t) => {
  const clock = new ManualClock()
  await using backend = new EmbeddedBackend(openMemoryEngine(new MemoryDisk()), { ...embeddedTestOptions, clock })
  const ended = new AbortController()
  const quiet = { start: '/g/quiet/' as Key, end: '/g/quiet0' as Key }
  const heard: Revision[] = []
  const listening = (async () => {
    const start = await backend.barrier(quiet)
    for await (const { progress } of backend.watch(quiet, start, ended.signal)) heard.push(progress)
  })()
  const first = await backend.create('/g/busy/a' as Key, Buffer.from('a'))
  t.ok((backend.changedAt(quiet) ?? first) < first, 'nothing has changed here, and nobody is told')
  await clock.advance(499)
  t.same(heard, [])
  await clock.advance(1)
  t.same(heard, [first])
  const second = await backend.create('/g/busy/b' as Key, Buffer.from('b'))
  await backend.barrier({ start: '/g/other/' as Key, end: '/g/other0' as Key })
  await clock.advance(0)
  t.same(heard, [first], 'a barrier elsewhere wakes nobody here')
  await backend.barrier(quiet)
  await clock.advance(0)
  t.same(heard, [first, second])
  const third = await backend.create('/g/quiet/c' as Key, Buffer.from('c'))
  t.equal(backend.changedAt(quiet), third)
  await clock.advance(0)
  t.same(heard, [first, second, third])
  ended.abort()
  await listening
})

t.test('who writes again and again shares a batch; who stays away is not waited for long', async (t) => {
  const clock = new ManualClock()
  const engine = openMemoryEngine(new MemoryDisk())
  const batches: number[] = []
  let gate = new Gate()
  const commit: Engine['commit'] = async (batch) => {
    batches.push(batch.append?.length ?? 0)
    await gate.opened
    await engine.commit(batch)
  }
  const options = { ...embeddedTestOptions, clock, commitDelayMs: 10 }
  await using backend = new EmbeddedBackend({ ...engine, commit }, options)
  let names = 0
  const create = (): Promise<Revision> => backend.create(`/g/r/${names++}` as Key, Buffer.from('value'))
  const until = async (count: number): Promise<void> => eventually(() => batches.length === count)

  const first = create()
  await until(1)
  const second = create()
  gate.open()
  await first
  await clock.advance(1)
  t.same(batches, [1], 'the writer of the first is expected')
  gate = new Gate()
  const third = create()
  await until(2)
  t.same(batches, [1, 2], 'and is there')
  const fourth = create()
  gate.open()
  await Promise.all([second, third])
  await clock.advance(1)
  const fifth = create()
  await clock.advance(2)
  t.same(batches, [1, 2], 'one has come within these two milliseconds')
  await clock.advance(1)
  await Promise.all([fourth, fifth])
  t.same(batches, [1, 2, 2], 'and nobody after that')
  const sixth = create()
  await clock.advance(1)
  t.same(batches, [1, 2, 2], 'both writers of a batch are expected')
  await Promise.all([sixth, create()])
  await clock.advance(10)
  await create()
  t.same(batches, [1, 2, 2, 2, 1], 'for ten milliseconds')
})

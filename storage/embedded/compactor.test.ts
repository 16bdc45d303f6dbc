import t from 'tap'
import type { Clock } from '../../base/clock.ts'
import { silentLogger } from '../../base/log.ts'
import type { Key, Revision } from '../backend.ts'
import { embeddedTestOptions } from '../conformance/embedded-options.ts'
import { EmbeddedBackend, type EmbeddedOptions } from './backend.ts'
import { checkRecords } from './check-records.ts'
import { MemoryDisk, openMemoryEngine } from './engine-memory.ts'
import { decodeLogRecord, encodeLogRecord } from './log/log-record.ts'

const range = { start: '/a' as Key, end: '/b' as Key }
const key = '/a/1' as Key

/** Time that stands still until the test moves it on; a sleeper wakes when its time has come. */
class StillClock implements Clock {
  #nowMs = 0
  #sleepers: { readonly untilMs: number; readonly wake: () => void }[] = []

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ untilMs: this.#nowMs + durationMs, wake: resolve })
      signal?.addEventListener('abort', () => resolve())
    })
  }

  async advance(durationMs: number): Promise<void> {
    this.#nowMs += durationMs
    const due = this.#sleepers.filter(({ untilMs }) => untilMs <= this.#nowMs)
    this.#sleepers = this.#sleepers.filter(({ untilMs }) => untilMs > this.#nowMs)
    for (const { wake } of due) wake()
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

async function scene(options: Partial<EmbeddedOptions>) {
  const clock = new StillClock()
  const disk = new MemoryDisk()
  const backend = new EmbeddedBackend(openMemoryEngine(disk), { ...embeddedTestOptions, ...options, clock })
  let last = await backend.create(key, Buffer.from('0'))
  const write = async (count: number) => {
    for (let index = 0; index < count; index++) last = await backend.replace(key, Buffer.from('x'), last)
    return last
  }
  return { clock, disk, backend, write }
}

t.test('history is kept while it is young, and as long as it is among the last', async (t) => {
  const { clock, backend, write } = await scene({ retainMs: 1000, retainCount: 10, intervalMs: 100 })
  const old = await write(50)
  await clock.advance(100)
  await write(5)
  await clock.advance(900)
  t.equal(await backend.oldest(), 0, 'all of it is young')
  await clock.advance(100)
  t.equal(await backend.oldest(), old + 5 - 10, 'ten are kept however old')
  await write(20)
  await clock.advance(100)
  t.equal(await backend.oldest(), old, 'what came behind is young')
  await clock.advance(1100)
  t.equal(await backend.oldest(), old + 25 - 10)
  await backend[Symbol.asyncDispose]()
})

t.test('there is never more history than the maximum, however young', async (t) => {
  const { clock, backend, disk, write } = await scene({
    retainMs: 1000,
    retainCount: 10,
    retainCountMax: 2000,
    intervalMs: 100,
  })
  const last = await write(5000)
  await clock.advance(100)
  t.equal(await backend.oldest(), last - 2000)
  t.same(checkRecords(disk).findings, [])
  t.equal(checkRecords(disk).records, 2001)
  await backend[Symbol.asyncDispose]()
})

t.test('a watch that lags too far is not waited for, and is told so', async (t) => {
  const { backend, write } = await scene({ watchLagMax: 100 })
  const start = await write(1)
  const watch = backend.watch(range, start, new AbortController().signal)[Symbol.asyncIterator]()
  await write(1)
  t.match(await watch.next(), { value: { progress: start + 1 } })
  const near = await write(100)
  t.equal(await backend.compact(near), start + 1, 'a hundred behind is near enough')
  const far = await write(1)
  t.equal(await backend.compact(far), far)
  await t.rejects(watch.next(), { code: 'compacted' })
  await backend[Symbol.asyncDispose]()
})

t.test('a record is refused under another revision, and with any of its bits turned', async (t) => {
  const record = {
    type: 'put',
    revision: 7 as Revision,
    key,
    previous: 3 as Revision,
    value: Buffer.from('value'),
  } as const
  const bytes = encodeLogRecord(record)
  t.same(decodeLogRecord(record.revision, bytes), record)
  const removal = { type: 'remove', revision: 8 as Revision, key, previous: 7 as Revision } as const
  t.same(decodeLogRecord(removal.revision, encodeLogRecord(removal)), removal)
  t.throws(() => decodeLogRecord(8 as Revision, bytes), { code: 'corrupt' })
  t.throws(() => decodeLogRecord(record.revision, bytes.subarray(0, 10)), { code: 'corrupt' })
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = Buffer.from(bytes)
    damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    if (!refused(() => decodeLogRecord(record.revision, damaged))) t.fail(`bit ${bit}`)
  }
})

t.test('the check of a store finds what does not fit together', async (t) => {
  const { disk, backend, write } = await scene({ log: silentLogger })
  const last = await write(3)
  await backend[Symbol.asyncDispose]()
  t.same(checkRecords(disk).findings, [])
  const found = (harm: (disk: MemoryDisk) => void) => {
    const damaged = new MemoryDisk()
    damaged.apply({ append: disk.records(0 as Revision, 100), current: new Map([[key, last]]) })
    harm(damaged)
    return checkRecords(damaged).findings
  }
  t.same(
    found(() => undefined),
    [],
  )
  t.match(
    found((store) => store.apply({ current: new Map([[key, 2 as Revision]]) })),
    [/points at 2, its last record is 4/],
  )
  t.match(
    found((store) => store.apply({ current: new Map([[key, undefined]]) })),
    [/its key .* is missing/],
  )
  t.match(
    found((store) => store.apply({ forget: [2 as Revision] })),
    [/record 3 replaced 2, the log has 1/],
  )
  t.match(
    found((store) => store.apply({ forget: [last] })),
    [/points at 4, its last record is 3/],
  )
  t.match(
    found((store) => store.apply({ current: new Map([['/a/2' as Key, last]]) })),
    [/its last record is none/],
  )
  const bytes = encodeLogRecord({ type: 'remove', revision: 9 as Revision, key, previous: last })
  const entry = { revision: 5 as Revision, bytes }
  t.match(
    found((store) => store.apply({ append: [entry] })),
    [/log record 5: its checksum does not match/],
  )
})

function refused(decode: () => unknown): boolean {
  try {
    decode()
    return false
  } catch {
    return true
  }
}

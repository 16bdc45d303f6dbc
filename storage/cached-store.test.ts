import t, { type Test } from 'tap'
import { onAbort } from '../base/waiting/on-abort.ts'
import { until } from '../test/support/until.ts'
import type { Backend } from './backend.ts'
import { type CachedStoreOptions, openStorage } from './cached-store.ts'
import { awakeClock, embeddedTestOptions } from './conformance/embedded-options.ts'
import { type Note, suiteOptions, suiteRange } from './conformance/storage-suite.ts'
import { StorageError } from './errors.ts'
import { openBackend } from './open.ts'
import type { Key, Revision, Storage, WatchBatch } from './storage.ts'

const never = new AbortController().signal

async function openCached(
  t: Test,
  options: Partial<CachedStoreOptions<Note>> = {},
  wrap = (backend: Backend) => backend,
) {
  const memory = await openBackend({ kind: 'memory', ...embeddedTestOptions })
  const backend = wrap(memory)
  const store = await openStorage(backend, { ...suiteOptions, ...options })
  t.teardown(async () => {
    await store[Symbol.asyncDispose]()
    await memory[Symbol.asyncDispose]()
  })
  return { store, backend }
}

function key(name: string): Key {
  return `/g/r/${name}` as Key
}

async function createMany(store: Storage<Note>, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => store.create(key(name), { text: name })))
}

async function readOne(watch: AsyncIterable<WatchBatch<Note>>): Promise<WatchBatch<Note> | undefined> {
  for await (const batch of watch) return batch
  return undefined
}

t.test('the same object at the same revision is the same item, wherever it is read', async (t) => {
  const { store } = await openCached(t)
  const start = await store.currentRevision()
  const created = await store.create(key('a'), { text: 'a1' })
  t.equal(await store.get(key('a')), created)
  t.equal((await store.list(suiteRange, { at: { kind: 'any' } })).items[0], created)
  t.equal((await readOne(store.watch(suiteRange, start, never)))?.changes[0]?.item, created)
  await store.replace(key('a'), { text: 'a2' }, created.revision)
  const past = await store.list(suiteRange, { at: { kind: 'exact', revision: created.revision } })
  t.equal(past.items[0], created)
})

t.test('a watch that falls out of the history ends with compacted and holds nobody up', async (t) => {
  const { store } = await openCached(t, { historyCountMax: 10 })
  const start = await store.currentRevision()
  const stalled = store.watch(suiteRange, start, never)[Symbol.asyncIterator]()
  await store.create(key('first'), { text: 'first' })
  t.equal((await stalled.next()).done, false)
  await createMany(
    store,
    Array.from({ length: 11 }, (_, index) => `n${index}`),
  )
  await t.rejects(stalled.next(), { code: 'compacted' })
  const now = await store.currentRevision()
  const recent = await readOne(store.watch(suiteRange, (now - 10) as Revision, never))
  t.equal(recent?.changes.length, 10)
  await t.rejects(readOne(store.watch(suiteRange, (now - 11) as Revision, never)), { code: 'compacted' })
})

t.test('history is bounded by its bytes as well', async (t) => {
  const { store } = await openCached(t, { historyBytesMax: 10 })
  const start = await store.currentRevision()
  const long = await store.create(key('long'), { text: 'eight...' })
  await store.create(key('more'), { text: 'four' })
  await t.rejects(readOne(store.watch(suiteRange, start, never)), { code: 'compacted' })
  t.equal((await readOne(store.watch(suiteRange, long.revision, never)))?.changes.length, 1)
})

t.test('history is forgotten by age as well', async (t) => {
  let nowMs = 0
  const { store } = await openCached(t, { historyMs: 1000, clock: { ...awakeClock, monotonic: () => nowMs } })
  const old = await store.create(key('a'), { text: 'a' })
  nowMs = 1001
  const young = await store.create(key('b'), { text: 'b' })
  const exact = (revision: Revision) => store.list(suiteRange, { at: { kind: 'exact', revision } })
  t.equal((await exact(old.revision)).items.length, 1, 'the state itself is still there')
  await t.rejects(exact((old.revision - 1) as Revision), { code: 'compacted' })
  nowMs = 2002
  await store.create(key('c'), { text: 'c' })
  await t.rejects(exact(old.revision), { code: 'compacted' })
  t.equal((await exact(young.revision)).items.length, 2)
})

t.test('when the backend breaks the watch, the cache is loaded afresh and its readers list again', async (t) => {
  const breaking = new AbortController()
  const opened: Revision[] = []
  const breakable = (backend: Backend): Backend => ({
    ...bound(backend),
    watch: async function* (range, after, signal) {
      opened.push(after)
      const breaks = opened.length === 1
      yield* backend.watch(range, after, breaks ? AbortSignal.any([signal, breaking.signal]) : signal)
      if (breaks) throw new StorageError('unavailable', 'the connection broke')
    },
  })
  const { store } = await openCached(t, {}, breakable)
  await createMany(store, ['a', 'b'])
  const watch = store.watch(suiteRange, await store.currentRevision(), never)[Symbol.asyncIterator]()
  const waiting = watch.next()
  breaking.abort()
  await t.rejects(waiting, { code: 'compacted' })
  await t.rejects(async () => store.get(key('a')), { code: 'unavailable' })
  await until(() => opened.length >= 2)
  await store.create(key('c'), { text: 'c' })
  const { items } = await store.list(suiteRange, { at: { kind: 'latest' } })
  t.same(
    items.map(({ value }) => value.text),
    ['a', 'b', 'c'],
  )
})

t.test('a write is acknowledged even when the cache cannot show it in time', async (t) => {
  const stalling = (backend: Backend): Backend => ({
    ...bound(backend),
    watch: async function* (range, after, signal) {
      if (!signal.aborted)
        await backend
          .watch({ ...range, start: range.end }, after, signal)
          [Symbol.asyncIterator]()
          .next()
      await new Promise<void>((resolve) => onAbort(signal, resolve))
    },
  })
  const { store } = await openCached(t, { freshnessWaitMs: 50 }, stalling)
  t.equal((await store.create(key('a'), { text: 'a1' })).value.text, 'a1')
  await t.rejects(
    async () => store.get(key('a')),
    { code: 'future' },
    'a consistent read does not answer from a stale cache',
  )
  t.equal(await store.get(key('a'), { kind: 'any' }), undefined)
})

t.test('a page says how many objects follow, and ten thousand stay in order whatever order they came in', async (t) => {
  const { store } = await openCached(t)
  const names = Array.from({ length: 10_000 }, (_, index) => String((index * 7919) % 10_000).padStart(5, '0'))
  await createMany(store, names)
  const { items } = await store.list(suiteRange, { at: { kind: 'latest' } })
  t.same(
    items.map(({ value }) => value.text),
    names.toSorted(),
  )
  const page = await store.list(suiteRange, { at: { kind: 'latest' }, limit: 500 })
  t.same([page.items.length, page.remaining, page.next], [500, 9500, key('00499')])
})

t.test('a closed store answers unavailable and its watches end', async (t) => {
  const { store } = await openCached(t)
  const watch = readOne(store.watch(suiteRange, await store.currentRevision(), never))
  await store[Symbol.asyncDispose]()
  t.equal(await watch, undefined)
  await t.rejects(async () => store.get(key('a')), { code: 'unavailable' })
  await t.rejects(store.list(suiteRange, { at: { kind: 'any' } }), { code: 'unavailable' })
})

t.test('a store with bytes that are no object cannot be opened', async (t) => {
  await using backend = await openBackend({ kind: 'memory', ...embeddedTestOptions })
  await backend.create(key('a'), Buffer.from('no note'))
  const decode = () => {
    throw new StorageError('corrupt', 'a note')
  }
  const opening = openStorage(backend, { ...suiteOptions, codec: { ...suiteOptions.codec, decode } })
  await t.rejects(opening, { code: 'corrupt' })
})

/** A backend's methods as members of a plain object, to replace one of them. */
function bound(backend: Backend): Backend {
  return {
    create: (key, value) => backend.create(key, value),
    replace: (key, value, expected) => backend.replace(key, value, expected),
    remove: (key, expected) => backend.remove(key, expected),
    get: (key) => backend.get(key),
    list: (range, options) => backend.list(range, options),
    watch: (range, after, signal) => backend.watch(range, after, signal),
    barrier: (range) => backend.barrier(range),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  }
}

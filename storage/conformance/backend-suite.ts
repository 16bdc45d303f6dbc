import type { Test } from 'tap'
import type { Backend, Change, ChangeBatch, Key, KeyRange, Revision } from '../backend.ts'
import { isStorageError } from '../errors.ts'

/** A store that can be opened again and again, one `Backend` at a time. */
export interface StorePlace {
  open(): Promise<Backend>
}

const range: KeyRange = { start: '/g/r/' as Key, end: '/g/r0' as Key }
const never = new AbortController().signal

/** Every promise of `Backend`. `newPlace` makes an empty store and cleans it up after the test. */
export function backendSuite(t: Test, newPlace: (t: Test) => Promise<StorePlace>): void {
  const test: TestOne = (name, run) =>
    t.test(name, async (t) => {
      const place = await newPlace(t)
      await using backend = await place.open()
      await run({ t, backend, place })
    })
  testWrites(test)
  testLists(test)
  testWatches(test)
  testConcurrency(test)
  testBarriers(test)
  testRestarts(test)
  testCompaction(test)
}

interface Scene {
  readonly t: Test
  readonly backend: Backend
  readonly place: StorePlace
}
type TestOne = (name: string, run: (scene: Scene) => Promise<void>) => unknown

function testWrites(test: TestOne): void {
  test('a created key is read back, and replaced and removed at its revision only', async ({ t, backend }) => {
    const created = await backend.create(key('a'), bytes('one'))
    t.same(await read(backend, 'a'), ['one', created])
    const replaced = await backend.replace(key('a'), bytes('two'), created)
    t.ok(replaced > created)
    t.same(await read(backend, 'a'), ['two', replaced])
    const removed = await backend.remove(key('a'), replaced)
    t.ok(removed > replaced)
    t.equal(await backend.get(key('a')), undefined)
    t.ok((await backend.create(key('a'), bytes('three'))) > removed)
  })

  test('a write that lost its race is refused by name and changes nothing', async ({ t, backend }) => {
    const first = await backend.create(key('a'), bytes('one'))
    const second = await backend.replace(key('a'), bytes('two'), first)
    await t.rejects(backend.create(key('a'), bytes('x')), { code: 'key-exists' })
    await t.rejects(backend.replace(key('a'), bytes('x'), first), { code: 'conflict' })
    await t.rejects(backend.remove(key('a'), first), { code: 'conflict' })
    await t.rejects(backend.replace(key('b'), bytes('x'), second), { code: 'key-missing' })
    await t.rejects(backend.remove(key('b'), second), { code: 'key-missing' })
    t.same(await read(backend, 'a'), ['two', second])
    t.equal(await backend.get(key('b')), undefined)
  })

  test('values are any bytes, from none to megabytes, and keys have up to 1,000 bytes', async ({ t, backend }) => {
    const values = [Buffer.alloc(0), Buffer.from([0, 255, 10, 0]), Buffer.alloc(3_000_000, 7)]
    for (const [index, value] of values.entries()) {
      await backend.create(key(`v${index}`), value)
      t.ok(Buffer.from((await backend.get(key(`v${index}`)))?.value ?? []).equals(value))
    }
    const long = key('x'.repeat(995))
    await backend.create(long, bytes('long'))
    t.equal((await backend.get(long))?.key, long)
    await t.rejects(backend.create(key('x'.repeat(996)), bytes('')))
  })
}

function testLists(test: TestOne): void {
  test('a list is in the order of the keys as bytes, within its range, in pages of one state', async ({
    t,
    backend,
  }) => {
    const names = ['b', 'a', 'a/b', 'a-b', 'ab', '\u{10000}', '\uffff', 'é', 'Z']
    for (const name of names) await backend.create(key(name), bytes(name))
    await backend.create('/g/q' as Key, bytes('before'))
    await backend.create('/g/r0' as Key, bytes('behind'))
    const sorted = names.map(key).sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    const all = await backend.list(range, { limit: 100 })
    t.same(
      all.entries.map((entry) => entry.key),
      sorted,
    )
    t.same([all.more, all.revision], [false, await backend.barrier(range)])
    const page = await backend.list(range, { limit: 4 })
    t.same([page.entries.map((entry) => entry.key), page.more], [sorted.slice(0, 4), true])
    t.equal((await backend.list(range, { limit: 9 })).more, false)
    t.same((await backend.list({ start: range.end, end: range.start }, { limit: 9 })).entries, [])
  })

  test('a past state can be listed, a future one cannot', async ({ t, backend }) => {
    if (!backend.oldest) return void t.pass('this backend keeps no history')
    const created = await backend.create(key('a'), bytes('a1'))
    const atTwo = await backend.create(key('b'), bytes('b1'))
    const replaced = await backend.replace(key('a'), bytes('a2'), created)
    await backend.remove(key('b'), atTwo)
    await backend.create(key('c'), bytes('c1'))
    const show = async (at: Revision, limit = 10) => {
      const page = await backend.list(range, { limit, at })
      t.equal(page.revision, at)
      return page.entries.map(({ value, revision }) => [text(value), revision])
    }
    t.same(await show(atTwo), [
      ['a1', created],
      ['b1', atTwo],
    ])
    t.same(await show(atTwo, 1), [['a1', created]])
    t.same(await show(replaced), [
      ['a2', replaced],
      ['b1', atTwo],
    ])
    await t.rejects(backend.list(range, { limit: 1, at: ((await backend.barrier(range)) + 1) as Revision }), {
      code: 'future',
    })
  })
}

function testWatches(test: TestOne): void {
  test('a watch gives every change of its range in order, and progress without any', async ({ t, backend }) => {
    const before = await backend.create(key('a'), bytes('a1'))
    const watched = collect(backend, before)
    const replaced = await backend.replace(key('a'), bytes('a2'), before)
    const elsewhere = await backend.create('/g/q/a' as Key, bytes('q'))
    const removed = await backend.remove(key('a'), replaced)
    const last = await backend.create('/g/q/b' as Key, bytes('q'))
    t.ok((await backend.barrier(range)) >= last)
    t.same((await watched.until(last)).map(plain), [
      { type: 'put', key: key('a'), revision: replaced, value: 'a2' },
      { type: 'remove', key: key('a'), revision: removed },
    ])
    t.ok(elsewhere < removed)
    t.same((await collect(backend, replaced).until(last)).map(plain), [
      { type: 'remove', key: key('a'), revision: removed },
    ])
  })

  test('a watch from the future is refused, and one whose signal aborts ends in peace', async ({ t, backend }) => {
    const now = await backend.create(key('a'), bytes('a'))
    await t.rejects(first(backend.watch(range, (now + 1) as Revision, never)), { code: 'future' })
    const controller = new AbortController()
    const ended = first(backend.watch(range, now, controller.signal))
    controller.abort()
    t.equal(await ended, undefined)
    t.equal(await first(backend.watch(range, now, controller.signal)), undefined)
  })

  test('a watcher that stops reading for a while loses nothing', async ({ t, backend }) => {
    const controller = new AbortController()
    const start = await backend.barrier(range)
    const watch = backend.watch(range, start, controller.signal)[Symbol.asyncIterator]()
    await backend.create(key('first'), bytes(''))
    t.same(
      (await batchOf(watch)).changes.map((change) => change.key),
      [key('first')],
    )
    const wanted = Array.from({ length: 3000 }, (_, index) => key(`n${String(index).padStart(5, '0')}`))
    await Promise.all(wanted.map((each) => backend.create(each, bytes(each))))
    const seen: Key[] = []
    while (seen.length < wanted.length) seen.push(...(await batchOf(watch)).changes.map((change) => change.key))
    t.same(seen, wanted)
    controller.abort()
  })
}

function testConcurrency(test: TestOne): void {
  test('64 writers race on the same keys: each win is one step, and watchers see the wins', async ({ t, backend }) => {
    const keys = Array.from({ length: 8 }, (_, index) => key(`counter-${index}`))
    for (const each of keys) await backend.create(each, bytes('0'))
    const watched = collect(backend, await backend.barrier(range))
    const wins: Revision[] = []
    const writer = async (index: number) => {
      for (let round = 0; round < 20; round++) {
        const won = await increment(backend, keys[(index + round) % keys.length] ?? key('counter-0'))
        if (won !== undefined) wins.push(won)
      }
    }
    await Promise.all(Array.from({ length: 64 }, (_, index) => writer(index)))
    const total = (await backend.list(range, { limit: 100 })).entries.reduce(
      (sum, { value }) => sum + Number(text(value)),
      0,
    )
    t.equal(total, wins.length)
    t.equal(new Set(wins).size, wins.length)
    const seen = await watched.until(await backend.barrier(range))
    t.same(
      seen.map(({ revision }) => revision),
      wins.toSorted((left, right) => left - right),
    )
    for (const each of keys) {
      const counted = seen.filter((change) => change.key === each).map((change) => Number(plain(change).value))
      t.same(
        counted,
        counted.map((_, index) => index + 1),
      )
    }
  })
}

function testBarriers(test: TestOne): void {
  test('a barrier is not below any acknowledged write, and watches come to it', async ({ t, backend }) => {
    const watched = collect(backend, await backend.barrier(range))
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const written = await backend.create(key(`n${index}`), bytes(''))
        const barrier = await backend.barrier(range)
        t.ok(barrier >= written)
        t.ok((backend.changedAt?.(range) ?? barrier) >= written)
        await watched.until(barrier)
      }),
    )
  })

  test('a list taken amid writes is one state, and a watch goes on from it', async ({ t, backend }) => {
    const writing = Promise.all(Array.from({ length: 400 }, (_, index) => backend.create(key(`n${index}`), bytes(''))))
    for (let round = 0; round < 5; round++) {
      const page = await backend.list(range, { limit: 1000 })
      const highest = Math.max(0, ...page.entries.map(({ revision }) => revision))
      t.ok(highest <= page.revision)
      const later = await collect(backend, page.revision).until(await backend.barrier(range))
      t.ok(later.every(({ revision }) => revision > highest))
    }
    await writing
  })
}

function testRestarts(test: TestOne): void {
  test('a store opened again has everything, goes on counting and shows its history', async ({ t, backend, place }) => {
    const kept = await backend.create(key('kept'), bytes('1'))
    const removed = await backend.remove(key('gone'), await backend.create(key('gone'), bytes('2')))
    await backend[Symbol.asyncDispose]()
    await t.rejects(backend.get(key('kept')), { code: 'unavailable' })
    await t.rejects(backend.create(key('late'), bytes('')), { code: 'unavailable' })
    await using again = await place.open()
    t.same(await read(again, 'kept'), ['1', kept])
    t.equal(await again.get(key('gone')), undefined)
    t.equal(await again.barrier(range), removed)
    if (again.oldest)
      t.same(
        (await collect(again, kept).until(removed)).map(({ type }) => type),
        ['put', 'remove'],
      )
    t.ok((await again.create(key('new'), bytes('3'))) > removed)
  })

  test('the revision of a removal is not given again, even when it was compacted', async ({ t, backend, place }) => {
    const removed = await backend.remove(key('a'), await backend.create(key('a'), bytes('1')))
    await backend.compact?.(removed)
    await backend[Symbol.asyncDispose]()
    await using again = await place.open()
    t.ok((await again.barrier(range)) >= removed)
    t.ok((await again.create(key('a'), bytes('2'))) > removed)
  })

  test('a store that resumes higher up keeps its objects, forgets its history, never counts lower', async (scene) => {
    const { t, backend, place } = scene
    if (!backend.resumeAbove) return void t.pass('the revisions of this backend are not its own')
    const first = await backend.create(key('a'), bytes('1'))
    const last = await backend.replace(key('a'), bytes('2'), first)
    const floor = (last + 1_000_000) as Revision
    await backend.resumeAbove(floor)
    t.same([await backend.barrier(range), await backend.oldest?.()], [floor, floor])
    await t.rejects(collect(backend, last).until(floor), { code: 'compacted' })
    t.same(await read(backend, 'a'), ['2', last])
    t.equal((await backend.list(range, { limit: 9 })).revision, floor)
    await backend[Symbol.asyncDispose]()
    await using again = await place.open()
    t.equal(await again.barrier(range), floor)
    const next = await again.replace(key('a'), bytes('3'), last)
    t.ok(next > floor)
    t.same((await collect(again, floor).until(next)).map(plain), [
      { type: 'put', key: key('a'), revision: next, value: '3' },
    ])
  })
}

function testCompaction(test: TestOne): void {
  test('compaction forgets what was before and keeps that state and all later ones', async ({ t, backend, place }) => {
    if (!backend.compact) return void t.pass('this backend does not compact')
    const old = await backend.create(key('a'), bytes('a1'))
    const quiet = await backend.create(key('quiet'), bytes('q'))
    const replaced = await backend.replace(key('a'), bytes('a2'), old)
    const last = await backend.replace(key('a'), bytes('a3'), replaced)
    t.equal(await backend.compact(replaced), replaced)
    t.equal(await backend.oldest?.(), replaced)
    await t.rejects(backend.list(range, { limit: 9, at: quiet }), { code: 'compacted' })
    await t.rejects(first(backend.watch(range, quiet, never)), { code: 'compacted' })
    t.same(
      (await backend.list(range, { limit: 9, at: replaced })).entries.map(({ value }) => text(value)),
      ['a2', 'q'],
    )
    t.same((await collect(backend, replaced).until(last)).map(plain), [
      { type: 'put', key: key('a'), revision: last, value: 'a3' },
    ])
    t.equal(await backend.compact(1 as Revision), replaced)
    await backend[Symbol.asyncDispose]()
    await using again = await place.open()
    t.equal(await again.oldest?.(), replaced)
    t.same(await read(again, 'quiet'), ['q', quiet])
  })

  test('compaction stops at the position of a live watch and goes on when that is gone', async ({ t, backend }) => {
    if (!backend.compact) return void t.pass('this backend does not compact')
    const start = await backend.create(key('n'), bytes(''))
    const controller = new AbortController()
    const watch = backend.watch(range, start, controller.signal)[Symbol.asyncIterator]()
    const last = await backend.replace(key('n'), bytes('1'), start)
    t.equal((await batchOf(watch)).progress, last)
    const later = await backend.replace(key('n'), bytes('2'), last)
    t.equal(await backend.compact(later), last)
    t.same((await batchOf(watch)).changes.map(plain), [{ type: 'put', key: key('n'), revision: later, value: '2' }])
    controller.abort()
    await watch.next()
    t.equal(await backend.compact(later), later)
  })
}

/** Undefined when somebody else was faster. */
async function increment(backend: Backend, counter: Key): Promise<Revision | undefined> {
  const entry = await backend.get(counter)
  if (!entry) throw new Error(`${counter} is gone`)
  try {
    return await backend.replace(counter, bytes(String(Number(text(entry.value)) + 1)), entry.revision)
  } catch (error) {
    if (!isStorageError(error, 'conflict')) throw error
    return undefined
  }
}

interface Collecting {
  /** Everything collected once progress is at `revision` or above; more may come with a later call. */
  until(revision: Revision): Promise<readonly Change[]>
}

/** Reads a watch in the background until the test that asked for it is through with it. */
function collect(backend: Backend, after: Revision): Collecting {
  const changes: Change[] = []
  const iterator = backend.watch(range, after, never)[Symbol.asyncIterator]()
  let progress = after
  let reading: Promise<void> = Promise.resolve()
  const read = async (revision: Revision) => {
    while (progress < revision) {
      const batch = await batchOf(iterator)
      changes.push(...batch.changes)
      progress = batch.progress
    }
  }
  return {
    until: async (revision) => {
      reading = reading.then(() => read(revision))
      await reading
      return changes
    },
  }
}

/** The next batch of a watch that must not end. */
async function batchOf(iterator: AsyncIterator<ChangeBatch>): Promise<ChangeBatch> {
  const next = await iterator.next()
  if (next.done) throw new Error('the watch ended')
  return next.value
}

async function first(watch: AsyncIterable<ChangeBatch>): Promise<ChangeBatch | undefined> {
  for await (const batch of watch) return batch
  return undefined
}

async function read(backend: Backend, name: string): Promise<readonly [string, Revision] | undefined> {
  const entry = await backend.get(key(name))
  return entry && [text(entry.value), entry.revision]
}

function plain(change: Change) {
  return { ...change, ...(change.type === 'put' && { value: text(change.value) }) } as Omit<Change, 'value'> & {
    value?: string
  }
}

function key(name: string): Key {
  return `/g/r/${name}` as Key
}

function bytes(value: string): Uint8Array {
  return Buffer.from(value)
}

function text(value: Uint8Array): string {
  return Buffer.from(value).toString()
}

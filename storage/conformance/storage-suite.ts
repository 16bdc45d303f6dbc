import type { Test } from 'tap'
import { silentLogger } from '../../base/log.ts'
import type { Backend } from '../backend.ts'
import { type CachedStoreOptions, openStorage } from '../cached-store.ts'
import { ObjectStore } from '../object-store.ts'
import type { Item, ItemChange, Key, KeyRange, ListPage, Revision, Storage, WatchBatch } from '../storage.ts'
import type { StorePlace } from './backend-suite.ts'
import { awakeClock } from './embedded-options.ts'

/** What the suite stores. */
export interface Note {
  readonly text: string
}

export const suiteRange: KeyRange = { start: '/g/r/' as Key, end: '/g/r0' as Key }

export const suiteOptions: CachedStoreOptions<Note> = {
  range: suiteRange,
  codec: { encode: (note) => Buffer.from(note.text), decode: (bytes) => ({ text: Buffer.from(bytes).toString() }) },
  clock: awakeClock,
  log: silentLogger,
  freshnessWaitMs: 3_000,
  reloadDelayMs: 1,
  historyCountMax: 2000,
  historyBytesMax: 1024 * 1024,
  historyMs: 600_000,
}

type OpenStore = (backend: Backend, options?: Partial<CachedStoreOptions<Note>>) => Promise<Storage<Note>>

export const storeOpeners: Readonly<Record<'direct' | 'cached', OpenStore>> = {
  direct: async (backend, options) => new ObjectStore(backend, { ...suiteOptions, ...options }),
  cached: (backend, options) => openStorage(backend, { ...suiteOptions, ...options }),
}

const never = new AbortController().signal
const latest = { at: { kind: 'latest' } } as const

/** Every promise of `Storage`, for a way to open one over a backend. */
export function storageSuite(t: Test, newPlace: (t: Test) => Promise<StorePlace>, openStore: OpenStore): void {
  const test: TestOne = (name, run) =>
    t.test(name, async (t) => {
      const place = await newPlace(t)
      await using backend = await place.open()
      await using store = await openStore(backend)
      await run({ t, backend, store })
    })
  testWrites(test)
  testReads(test, openStore)
  testPages(test)
  testHistory(test)
  testWatches(test)
  testLoad(test)
  t.test('a store that is opened again has every object, and a watch resumes over the restart', async (t) => {
    const place = await newPlace(t)
    const backend = await place.open()
    const store = await openStore(backend)
    const old = await store.create(key('a'), note('a1'))
    const replaced = await store.replace(key('a'), note('a2'), old.revision)
    const removed = await store.remove(key('b'), (await store.create(key('b'), note('b1'))).revision)
    await store[Symbol.asyncDispose]()
    await backend[Symbol.asyncDispose]()
    await using backendAgain = await place.open()
    await using again = await openStore(backendAgain)
    t.same(await again.get(key('a')), replaced)
    const changes = await changesOf(again, { after: old.revision, until: removed.revision })
    t.same(changes.map(shown), ['a1>a2', 'none>b1', 'b1>removed'])
    t.same(names(await again.list(suiteRange, { at: { kind: 'exact', revision: old.revision } })), ['a1'])
  })
}

interface Scene {
  readonly t: Test
  readonly backend: Backend
  readonly store: Storage<Note>
}
type TestOne = (name: string, run: (scene: Scene) => Promise<void>) => unknown

function testWrites(test: TestOne): void {
  test('writes answer the object with its revision, a removal the last state with its own', async ({ t, store }) => {
    const created = await store.create(key('a'), note('a1'))
    t.same([created.key, created.value], [key('a'), note('a1')])
    const replaced = await store.replace(key('a'), note('a2'), created.revision)
    t.ok(replaced.revision > created.revision)
    const removed = await store.remove(key('a'), replaced.revision)
    t.ok(removed.revision > replaced.revision)
    t.same(removed.value, note('a2'))
    t.equal(await store.get(key('a')), undefined)
  })

  test('a write that lost its race is refused by name', async ({ t, store }) => {
    const created = await store.create(key('a'), note('a1'))
    const replaced = await store.replace(key('a'), note('a2'), created.revision)
    await t.rejects(store.create(key('a'), note('x')), { code: 'key-exists' })
    await t.rejects(store.replace(key('a'), note('x'), created.revision), { code: 'conflict' })
    await t.rejects(store.remove(key('a'), created.revision), { code: 'conflict' })
    await t.rejects(store.replace(key('b'), note('x'), created.revision), { code: 'key-missing' })
    await t.rejects(store.remove(key('b'), created.revision), { code: 'key-missing' })
    t.same(await store.get(key('a')), replaced)
  })
}

function testReads(test: TestOne, openStore: OpenStore): void {
  test('a read waits a bounded time for a revision that is to come', async ({ t, backend, store }) => {
    const { revision } = await store.create(key('a'), note('a1'))
    const freshness = { kind: 'at-least', revision: (revision + 1) as Revision } as const
    await using hasty = await openStore(backend, { freshnessWaitMs: 50 })
    await t.rejects(async () => hasty.get(key('a'), freshness), { code: 'future' })
    await t.rejects(hasty.list(suiteRange, { at: freshness }), { code: 'future' })
    const waiting = store.get(key('b'), freshness)
    await store.create(key('b'), note('b1'))
    t.same((await waiting)?.value, note('b1'))
    t.same((await store.get(key('a'), { kind: 'any' }))?.value, note('a1'))
  })

  test('the current revision is not below that of any write', async ({ t, store, backend }) => {
    const { revision } = await store.create(key('a'), note('a1'))
    t.ok((await store.currentRevision()) >= revision)
    const elsewhere = await backend.create('/g/q/a' as Key, Buffer.from('q'))
    t.ok((await store.currentRevision()) >= elsewhere)
    t.ok((await store.list(suiteRange, latest)).revision >= elsewhere)
  })
}

function testPages(test: TestOne): void {
  test('all pages of a list show the state of the first one, whatever is written meanwhile', async ({ t, store }) => {
    const created = await createMany(store, 10)
    const page = await store.list(suiteRange, { ...latest, limit: 4 })
    t.same(names(page), ['n0', 'n1', 'n2', 'n3'])
    await store.remove(key('n1'), revisionOf(created, 1))
    await store.remove(key('n5'), revisionOf(created, 5))
    await store.replace(key('n6'), note('changed'), revisionOf(created, 6))
    await store.create(key('n55'), note('n55'))
    await store.remove(key('n9'), revisionOf(created, 9))
    await store.create(key('n9'), note('n9 again'))
    const second = await next(store, page, { limit: 4 })
    t.same([names(second), second.revision], [['n4', 'n5', 'n6', 'n7'], page.revision])
    const last = await next(store, second, { limit: 4 })
    t.same([names(last), last.next, last.revision], [['n8', 'n9'], undefined, page.revision])
    const exact = await store.list(suiteRange, { at: { kind: 'exact', revision: page.revision } })
    t.same(names(exact), ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'n9'])
    t.same(names(await store.list(suiteRange, latest)), [
      'n0',
      'n2',
      'n3',
      'n4',
      'n55',
      'changed',
      'n7',
      'n8',
      'n9 again',
    ])
  })

  test('a limit counts matching objects only, and a full page says truly whether more follow', async ({ t, store }) => {
    await createMany(store, 10)
    const matches = (item: Item<Note>) => Number(item.value.text.slice(1)) % 3 === 0
    const page = await store.list(suiteRange, { ...latest, limit: 3, matches })
    t.same([names(page), page.remaining], [['n0', 'n3', 'n6'], undefined])
    const last = await next(store, page, { limit: 3, matches })
    t.same([names(last), last.next], [['n9'], undefined])
    t.equal((await store.list(suiteRange, { ...latest, limit: 10 })).next, undefined)
    t.equal((await store.list(suiteRange, { ...latest, limit: 4, matches })).next, undefined)
  })

  test('a list stays within its range, and a page within it too', async ({ t, store }) => {
    for (const name of ['a/1', 'b/1', 'b/2', 'b/3', 'c/1']) await store.create(key(name), note(name))
    const range = { start: key('b/'), end: key('b0') }
    t.same(names(await store.list(range, latest)), ['b/1', 'b/2', 'b/3'])
    const page = await store.list(range, { ...latest, limit: 2 })
    if (page.remaining !== undefined) t.equal(page.remaining, 1)
    const rest = { at: { kind: 'exact', revision: page.revision }, after: page.next } as const
    t.same(names(await store.list(range, { at: rest.at, after: rest.after ?? key('') })), ['b/3'])
    t.same(names(await store.list(range, { at: rest.at, after: key('a/1') })), ['b/1', 'b/2', 'b/3'])
    t.same(names(await store.list({ start: key('x'), end: key('y') }, latest)), [])
  })
}

function testHistory(test: TestOne): void {
  test('a state that is too old is compacted, one to come is future', async ({ t, store, backend }) => {
    const old = await store.create(key('a'), note('a1'))
    await createMany(store, suiteOptions.historyCountMax + 1)
    await backend.compact?.(await store.currentRevision())
    const now = await store.currentRevision()
    const at = (revision: number) => ({ at: { kind: 'exact', revision: revision as Revision } }) as const
    await t.rejects(store.list(suiteRange, at(old.revision)), { code: 'compacted' })
    await t.rejects(store.list(suiteRange, at(now + 1)), { code: 'future' })
    await t.rejects(firstBatch(store.watch(suiteRange, old.revision, never)), { code: 'compacted' })
    await t.rejects(firstBatch(store.watch(suiteRange, (now + 1) as Revision, never)), { code: 'future' })
  })
}

function testWatches(test: TestOne): void {
  test('a watch gives each change with the state before, and a removal under its own revision', async ({
    t,
    store,
  }) => {
    const start = await store.currentRevision()
    const created = await store.create(key('a'), note('a1'))
    const replaced = await store.replace(key('a'), note('a2'), created.revision)
    const removed = await store.remove(key('a'), replaced.revision)
    const again = await store.create(key('a'), note('a3'))
    t.same(await changesOf(store, { after: start, until: again.revision }), [
      { type: 'put', item: created, previous: undefined },
      { type: 'put', item: replaced, previous: created },
      { type: 'remove', item: removed, previous: replaced },
      { type: 'put', item: again, previous: undefined },
    ])
    t.same((await changesOf(store, { after: replaced.revision, until: again.revision })).map(shown), [
      'a2>removed',
      'none>a3',
    ])
  })

  test('a watch sees its own range, and progress beyond it', async ({ t, store, backend }) => {
    const start = await store.currentRevision()
    const range = { start: key('b/'), end: key('b0') }
    for (const name of ['a/1', 'b/1', 'c/1']) await store.create(key(name), note(name))
    const elsewhere = await backend.create('/g/q/a' as Key, Buffer.from('q'))
    t.same((await changesOf(store, { after: start, until: elsewhere, range })).map(shown), ['none>b/1'])
  })

  test('a watch ends in peace when its signal aborts', async ({ t, store }) => {
    const controller = new AbortController()
    const ended = firstBatch(store.watch(suiteRange, await store.currentRevision(), controller.signal))
    controller.abort()
    t.equal(await ended, undefined)
  })
}

function testLoad(test: TestOne): void {
  test('64 writers read their own writes at once, and every watcher sees all of them in order', async ({
    t,
    store,
  }) => {
    const start = await store.currentRevision()
    const writer = async (index: number) => {
      for (let round = 0; round < 5; round++) {
        const name = `w${index}-${round}`
        const created = await store.create(key(name), note(name))
        t.same(await store.get(key(name)), created)
        t.ok((await store.list(suiteRange, latest)).items.some((item) => item.key === created.key))
      }
    }
    await Promise.all(Array.from({ length: 64 }, (_, index) => writer(index)))
    const end = await store.currentRevision()
    for (const changes of await Promise.all([1, 2, 3].map(() => changesOf(store, { after: start, until: end })))) {
      const revisions = changes.map(({ item }) => item.revision)
      t.equal(new Set(changes.map(({ item }) => item.key)).size, 320)
      t.same(
        revisions,
        revisions.toSorted((left, right) => left - right),
      )
    }
  })

  test('lists and pages taken amid writes are the state of their revision', async ({ t, store }) => {
    const start = await store.currentRevision()
    const writing = createMany(store, 300)
    const pages: ListPage<Note>[] = []
    for (let round = 0; round < 20; round++) pages.push(await store.list(suiteRange, { at: { kind: 'any' } }))
    await writing
    for (const page of pages.filter(({ revision }) => revision > start)) {
      const changes = await changesOf(store, { after: start, until: await store.currentRevision() })
      const wanted = changes.filter(({ item }) => item.revision <= page.revision).map(({ item }) => item.key)
      t.same(
        page.items.map((item) => item.key),
        wanted.toSorted(),
      )
    }
  })
}

async function createMany(store: Storage<Note>, count: number): Promise<readonly Item<Note>[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => store.create(key(`n${index}`), note(`n${index}`))))
}

interface PageLimit {
  readonly limit: number
  readonly matches?: (item: Item<Note>) => boolean
}

function next(store: Storage<Note>, page: ListPage<Note>, limits: PageLimit): Promise<ListPage<Note>> {
  if (!page.next) throw new Error('no page follows')
  return store.list(suiteRange, { at: { kind: 'exact', revision: page.revision }, after: page.next, ...limits })
}

interface Span {
  readonly after: Revision
  readonly until: Revision
  readonly range?: KeyRange
}

/** The changes behind `after` until progress is at `until` or above. */
async function changesOf(
  store: Storage<Note>,
  { after, until, range = suiteRange }: Span,
): Promise<ItemChange<Note>[]> {
  const changes: ItemChange<Note>[] = []
  if (until <= after) return changes
  for await (const batch of store.watch(range, after, never)) {
    changes.push(...batch.changes)
    if (batch.progress >= until) break
  }
  return changes
}

async function firstBatch(watch: AsyncIterable<WatchBatch<Note>>): Promise<WatchBatch<Note> | undefined> {
  for await (const batch of watch) return batch
  return undefined
}

function shown({ type, item, previous }: ItemChange<Note>): string {
  return `${previous?.value.text ?? 'none'}>${type === 'remove' ? 'removed' : item.value.text}`
}

function names(page: ListPage<Note>): readonly string[] {
  return page.items.map(({ value }) => value.text)
}

function revisionOf(items: readonly Item<Note>[], index: number): Revision {
  return items[index]?.revision ?? (0 as Revision)
}

function key(name: string): Key {
  return `/g/r/${name}` as Key
}

function note(text: string): Note {
  return { text }
}

import t from 'tap'
import type { Backend, Entry, Key, NewEntry, Revision } from '../backend.ts'
import { embeddedTestOptions } from '../conformance/embedded-options.ts'
import { FakeLedger } from '../conformance/fake-ledger.ts'
import { type Admission, type AdmissionOptions, admitStore, putAndAccept } from '../custody/admit-store.ts'
import { identifyStore, readIdentity } from '../identity.ts'
import { openBackend } from '../open.ts'
import { type RestoreOptions, restoreSnapshot } from './restore.ts'
import { parseSnapshot, snapshotPieces } from './snapshot.ts'

async function open(): Promise<Backend> {
  const backend = await openBackend({ kind: 'memory', ...embeddedTestOptions })
  await identifyStore(backend, { newUid: () => 'store-1' })
  return backend
}

async function fileOf(backend: Backend): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of snapshotPieces(backend)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** The uid of an object is the first word of its value here. */
const options: RestoreOptions = {
  others: 'refuse',
  uidOf: ({ value }: NewEntry) => Buffer.from(value).toString().split(' ')[0] ?? '',
  isFleeting: (key) => key.startsWith('/events/'),
}

const put = (backend: Backend, key: string, value: string): Promise<Revision> =>
  backend.create(key as Key, Buffer.from(value))

async function contents(backend: Backend): Promise<Readonly<Record<string, string>>> {
  const range = { start: '/' as Key, end: '0' as Key }
  const { entries } = await backend.list(range, { limit: 99 })
  const objects = entries.filter(({ key }) => !key.startsWith('/store/identity'))
  return Object.fromEntries(objects.map(({ key, value }: Entry) => [key, Buffer.from(value).toString()]))
}

t.test('a snapshot says what it is of, and holds every byte', async (t) => {
  await using backend = await open()
  t.match(parseSnapshot(await fileOf(backend)), { header: { uid: 'store-1', epoch: 1, count: 1 } }, 'of an empty store')
  const binary = Buffer.from([0, 10, 255, 10])
  await backend.create('/a/ä\u{1f600}' as Key, binary)
  const last = await put(backend, '/a/b', '')
  const { header, entries } = parseSnapshot(await fileOf(backend))
  t.same(header, { uid: 'store-1', epoch: 1, revision: last, count: 3 })
  t.match(entries, [
    { key: '/a/b', revision: last },
    { key: '/a/ä\u{1f600}', value: binary },
    { key: '/store/identity' },
  ])
})

t.test('a snapshot that is cut off, longer or altered at any place is refused', async (t) => {
  await using backend = await open()
  await put(backend, '/a/b', 'value')
  const file = await fileOf(backend)
  for (let at = 0; at < file.length; at += 1) {
    t.throws(() => parseSnapshot(file.subarray(0, at)), { name: 'StorageError', code: 'corrupt' }, `cut at ${at}`)
    const altered = Buffer.from(file)
    altered[at] = (altered[at] ?? 0) ^ 1
    t.throws(() => parseSnapshot(altered), { name: 'StorageError' }, `altered at ${at}`)
  }
  t.throws(() => parseSnapshot(Buffer.concat([file, Buffer.from('x')])), { code: 'corrupt' })
  const later = Buffer.from(file.toString('latin1').replace('"format":1', '"format":2'), 'latin1')
  t.throws(() => parseSnapshot(later), { code: 'format' })
})

t.test('what is there and not in the snapshot is asked about, kept or removed', async (t) => {
  await using backend = await open()
  await put(backend, '/store/book', 'then')
  await put(backend, '/a/same', 'u1 old')
  await put(backend, '/a/deleted', 'u2')
  await put(backend, '/a/made-again', 'u3')
  const { entries: snapshot } = parseSnapshot(await fileOf(backend))
  const replace = async (key: string, value: string): Promise<void> => {
    const found = await backend.get(key as Key)
    if (found) await backend.remove(key as Key, found.revision)
    if (value !== '') await put(backend, key, value)
  }
  await replace('/store/book', 'now')
  await replace('/a/same', 'u1 new')
  await replace('/a/deleted', '')
  await replace('/a/made-again', 'u4')
  await replace('/a/new', 'u5')
  await replace('/events/e', 'u6')
  const now = await contents(backend)
  const before = await backend.barrier({ start: '/' as Key, end: '0' as Key })
  t.same(await restoreSnapshot(backend, snapshot, options), { type: 'refused', others: ['/a/made-again', '/a/new'] })
  t.same(await contents(backend), now)
  t.match(await readIdentity(backend), { uid: 'store-1', epoch: 1 })

  const kept = await restoreSnapshot(backend, snapshot, { ...options, others: 'keep' })
  t.match(kept, { type: 'restored', restored: 2, kept: 3, removed: 0 })
  const merged = { '/a/deleted': 'u2', '/a/made-again': 'u4', '/a/new': 'u5', '/a/same': 'u1 old', '/events/e': 'u6' }
  t.same(await contents(backend), { ...merged, '/store/book': 'then' })
  t.ok(kept.type === 'restored' && kept.revision > before)

  const removed = await restoreSnapshot(backend, snapshot, { ...options, others: 'remove' })
  t.match(removed, { type: 'restored', restored: 3, kept: 0, removed: 2 })
  t.same(await contents(backend), {
    '/a/deleted': 'u2',
    '/a/made-again': 'u3',
    '/a/same': 'u1 old',
    '/store/book': 'then',
  })
  t.match(await readIdentity(backend), { uid: 'store-1', epoch: 3 }, 'each restore begins an epoch')
  await put(backend, '/events/e', 'u7')
  t.match(
    await restoreSnapshot(backend, snapshot, options),
    { type: 'restored', removed: 0 },
    'events go by themselves',
  )
})

t.test(
  'a snapshot takes the place of a refused store, above all that was given, and is accepted by that',
  async (t) => {
    const ledger = new FakeLedger()
    const admitting = (backend: Backend, uid: string): AdmissionOptions => ({
      backend,
      ledger,
      blockLength: 10,
      newUid: () => uid,
      revisionAround: async () => ledger.around,
      isUnknownAround: async () => false,
    })
    await using lost = await openBackend({ kind: 'memory', ...embeddedTestOptions })
    await admitStore(admitting(lost, 'lost'))
    await put(lost, '/a/kept', 'u1')
    await put(lost, '/a/too', 'u2')
    const { entries: snapshot } = parseSnapshot(await fileOf(lost))
    const { bound = 0 } = ledger.page.record ?? {}

    await using backend = await openBackend({ kind: 'memory', ...embeddedTestOptions })
    const found = admitting(backend, 'found')
    const look = (): Promise<Admission> => admitStore(found)
    t.match(await look(), { type: 'refused', refused: { problem: 'empty' } })
    await put(backend, '/a/other', 'u3')
    const restoring = (others: RestoreOptions['others']) =>
      putAndAccept(found, (into, refusedAbove) => restoreSnapshot(into, snapshot, { ...options, others, refusedAbove }))
    t.match(await restoring('refuse'), { type: 'refused', others: ['/a/other'] })
    t.same(await contents(backend), { '/a/other': 'u3' })
    t.equal(ledger.page.accepted, undefined)

    const write = ledger.write.bind(ledger)
    ledger.write = () => Promise.reject(new Error('unreachable'))
    await t.rejects(restoring('remove'), { message: 'unreachable' })
    ledger.write = write
    t.match(await look(), { type: 'refused' }, 'a crash before it is accepted leaves it refused')
    t.match(await readIdentity(backend), { uid: 'found', epoch: 0 })

    t.match(await restoring('refuse'), { type: 'restored', restored: 2, removed: 0 })
    t.match(await look(), { type: 'admitted', identity: { uid: 'found', epoch: 2 } })
    t.same(await contents(backend), { '/a/kept': 'u1', '/a/too': 'u2' })
    const { entries } = await backend.list({ start: '/a/' as Key, end: '/a0' as Key }, { limit: 9 })
    for (const { key, revision } of entries) t.ok(revision > bound, `${key} at ${revision} is above ${bound}`)
  },
)

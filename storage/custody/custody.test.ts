import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { silentLogger } from '../../base/log.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import type { Backend, Key, KeyRange, Replacement, Revision } from '../backend.ts'
import { embeddedTestOptions } from '../conformance/embedded-options.ts'
import { around, FakeLedger } from '../conformance/fake-ledger.ts'
import { EmbeddedBackend } from '../embedded/backend.ts'
import { checkRecords } from '../embedded/check-records.ts'
import type { EngineBatch } from '../embedded/engine.ts'
import { MemoryDisk, openMemoryEngine } from '../embedded/engine-memory.ts'
import { identityBytes, identityKey, readIdentity } from '../identity.ts'
import { type Admission, admitStore } from './admit-store.ts'
import { LeasedBackend } from './leased-backend.ts'

const blockLength = 10
const range: KeyRange = { start: '/a/' as Key, end: '/a0' as Key }
const never = new AbortController().signal

/** A disk whose former states can be put back. */
class Disk {
  readonly #batches: EngineBatch[]
  readonly disk = new MemoryDisk()

  constructor(batches: readonly EngineBatch[] = []) {
    this.#batches = [...batches]
    for (const batch of batches) this.disk.apply(batch)
  }

  /** As it was `count` writes ago. */
  before(count: number): Disk {
    return new Disk(this.#batches.slice(0, this.#batches.length - count))
  }

  open(): Backend {
    const engine = openMemoryEngine(this.disk)
    const commit = (batch: EngineBatch): Promise<void> => {
      this.#batches.push(batch)
      return engine.commit(batch)
    }
    return new EmbeddedBackend({ ...engine, commit }, embeddedTestOptions)
  }
}

interface Opened {
  readonly admission: Admission
  readonly leased: LeasedBackend
  readonly inner: Backend
  readonly clock: ManualClock
}

let uids = 0

async function open(t: Test, disk: Disk, ledger: FakeLedger): Promise<Opened> {
  const inner = disk.open()
  t.teardown(() => inner[Symbol.asyncDispose]())
  const newUid = (): string => `uid-${++uids}`
  const revisionAround = async (): Promise<number> => ledger.around
  const isUnknownAround = async (): Promise<boolean> => ledger.isUnknown
  const options = { backend: inner, ledger, newUid, revisionAround, isUnknownAround, blockLength }
  const admission = await admitStore(options)
  const clock = new ManualClock()
  const lease = { ledger, blockLength, confirmIntervalMs: ledger.intervalMs, clock, log: silentLogger }
  const leased = new LeasedBackend(inner, lease)
  if (admission.type === 'admitted') leased.admit(admission)
  return { admission, leased, inner, clock }
}

async function write(leased: Backend, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await leased.create(`/a/${++keys}` as Key, Buffer.from('x'))
}

let keys = 0

async function settled(): Promise<void> {
  for (let left = 20; left > 0; left -= 1) await turn()
}

t.test('a new store begins above what is around it, so that numbers from there are too old', async (t) => {
  const ledger = new FakeLedger()
  const { admission, leased } = await open(t, new Disk(), ledger)
  t.match(admission, { type: 'admitted', identity: { epoch: 1 } })
  await write(leased, 1)
  const last = await leased.barrier(range)
  t.ok(last > around, String(last))
  const watch = leased.watch(range, around as Revision, never)[Symbol.asyncIterator]()
  await t.rejects(watch.next(), { code: 'compacted' })
  t.match(ledger.page.record, { epoch: 1, bound: Number })
})

t.test('a store that nobody comes to yet begins above what is around it once more', async (t) => {
  const ledger = new FakeLedger()
  const disk = new Disk()
  const { leased, inner } = await open(t, disk, ledger)
  await write(leased, 2)
  const last = await leased.barrier(range)
  await inner[Symbol.asyncDispose]()
  ledger.around = last + 1000
  const known = await open(t, disk, ledger)
  t.equal(await known.leased.barrier(range), last, 'those who watch it go on where they were')
  await known.inner[Symbol.asyncDispose]()
  ledger.isUnknown = true
  const unknown = await open(t, disk, ledger)
  t.match(unknown.admission, { type: 'admitted', identity: { epoch: 1 } })
  t.equal(await unknown.leased.barrier(range), ledger.around + 1)
  t.ok((ledger.page.record?.bound ?? 0) > ledger.around + 1)
  await write(unknown.leased, 1)
  const watch = unknown.leased.watch(range, ledger.around as Revision, never)[Symbol.asyncIterator]()
  await t.rejects(watch.next(), { code: 'compacted' })
  await unknown.inner[Symbol.asyncDispose]()
  ledger.around = 1
  const ahead = await open(t, disk, ledger)
  t.ok((await ahead.leased.barrier(range)) > 1, 'and never goes back')
})

t.test('no revision is given above what the ledger has reserved, however many write at once', async (t) => {
  const ledger = new FakeLedger()
  const { leased, inner } = await open(t, new Disk(), ledger)
  let release = (): void => undefined
  ledger.hold = new Promise((resolve) => (release = resolve))
  const { bound = 0 } = ledger.page.record ?? {}
  const all = Promise.all(Array.from({ length: 35 }, () => write(leased, 1)))
  await settled()
  t.ok((await inner.barrier(range)) <= bound)
  release()
  await all
  const { record } = ledger.page
  t.ok((await inner.barrier(range)) > bound)
  t.ok((record?.bound ?? 0) >= (await inner.barrier(range)))
  t.ok(ledger.writes <= 6, `${ledger.writes} writes for 35`)
})

t.test(
  'the next block is reserved before the last one is used up, and without a cluster writes end at it',
  async (t) => {
    const ledger = new FakeLedger()
    const { leased } = await open(t, new Disk(), ledger)
    await write(leased, 6)
    await settled()
    const { bound = 0 } = ledger.page.record ?? {}
    ledger.isAway = true
    await write(leased, bound - (await leased.barrier(range)))
    t.equal(await leased.barrier(range), bound, 'what is reserved can be used')
    await t.rejects(write(leased, 1), { code: 'unavailable' })
    t.equal(await leased.barrier(range), bound)
    ledger.isAway = false
    await write(leased, 1)
    t.equal(await leased.barrier(range), bound + 1)
  },
)

t.test('a store that ended between a reservation and its writes goes on where it was', async (t) => {
  const ledger = new FakeLedger()
  const disk = new Disk()
  const { leased, inner } = await open(t, disk, ledger)
  await write(leased, 8)
  await settled()
  const last = await leased.barrier(range)
  await inner[Symbol.asyncDispose]()
  const again = await open(t, disk, ledger)
  t.match(again.admission, { type: 'admitted', identity: { epoch: 1 } })
  t.equal(await again.leased.barrier(range), last)
  await write(again.leased, 1)
  t.equal(await again.leased.barrier(range), last + 1)
})

t.test(
  'an old copy is refused until it is accepted; then it goes on above all revisions, in a new epoch',
  async (t) => {
    const ledger = new FakeLedger()
    const disk = new Disk()
    const { leased, inner, clock } = await open(t, disk, ledger)
    const running = new AbortController()
    const run = leased.run(running.signal)
    await write(leased, 3)
    await clock.advance(1000)
    const last = await leased.barrier(range)
    t.equal(ledger.page.record?.confirmed, last, 'the ledger is told how far the store is')
    running.abort()
    await run
    await inner[Symbol.asyncDispose]()
    const { record } = ledger.page

    const copy = disk.before(1)
    const old = await open(t, copy, ledger)
    t.match(old.admission, { type: 'refused', refused: { problem: 'older', uid: record?.uid, revision: last - 1 } })
    t.match(ledger.page, { record, refused: { problem: 'older' } }, 'what is known of the right one stays')
    await t.rejects(write(old.leased, 1), { code: 'foreign' })
    await old.inner[Symbol.asyncDispose]()

    ledger.scribble({ accepted: 'another' })
    const stillOld = await open(t, copy, ledger)
    t.match(stillOld.admission, { type: 'refused' }, 'another one was accepted')
    await stillOld.inner[Symbol.asyncDispose]()
    ledger.scribble({ accepted: record?.uid })
    const taken = await open(t, copy, ledger)
    t.match(taken.admission, { type: 'admitted', identity: { uid: record?.uid, epoch: 2 } })
    t.match(ledger.page, { record: { epoch: 2 }, refused: undefined, accepted: undefined })
    t.ok((await taken.leased.barrier(range)) > (record?.bound ?? 0))
    const watch = taken.leased.watch(range, last, never)[Symbol.asyncIterator]()
    await t.rejects(watch.next(), { code: 'compacted' })
    await write(taken.leased, 1)
    t.same(checkRecords(copy.disk).findings, [])
    await taken.inner[Symbol.asyncDispose]()

    const right = await open(t, disk, ledger)
    t.match(
      right.admission,
      { type: 'refused', refused: { problem: 'older' } },
      'the former one is of an older epoch now',
    )
  },
)

t.test('an empty store and another one are refused, and are accepted by their own names', async (t) => {
  const ledger = new FakeLedger()
  const first = new Disk()
  const { leased, inner } = await open(t, first, ledger)
  await write(leased, 4)
  await inner[Symbol.asyncDispose]()
  const known = ledger.page.record
  const empty = new Disk()
  const refused = await open(t, empty, ledger)
  t.match(refused.admission, { type: 'refused', refused: { problem: 'empty' } })
  await refused.inner[Symbol.asyncDispose]()
  const twice = await open(t, empty, ledger)
  t.same(twice.admission, refused.admission, 'it has a name now, and is as empty as before')
  await twice.inner[Symbol.asyncDispose]()
  const back = await open(t, first, ledger)
  t.match(
    back.admission,
    { type: 'admitted', identity: { uid: known?.uid, epoch: 1 } },
    'the right one is taken at once',
  )
  t.equal(ledger.page.refused, undefined)
  await back.inner[Symbol.asyncDispose]()

  const foreign = new Disk()
  const elsewhere = await open(t, foreign, new FakeLedger())
  await elsewhere.inner[Symbol.asyncDispose]()
  const another = await open(t, foreign, ledger)
  t.match(another.admission, { type: 'refused', refused: { problem: 'foreign' } })
  await another.inner[Symbol.asyncDispose]()

  ledger.scribble({ accepted: ledger.page.refused?.uid })
  const taken = await open(t, foreign, ledger)
  t.match(taken.admission, { type: 'admitted', identity: { epoch: 2 } })
  t.equal((await readIdentity(taken.inner))?.epoch, 2)
  t.ok((await taken.leased.barrier(range)) > (known?.bound ?? 0))
})

t.test('what came or went is told to the ledger at once, what only changed every so often', async (t) => {
  const ledger = new FakeLedger()
  ledger.intervalMs = 10_000
  const { leased, clock } = await open(t, new Disk(), ledger)
  const running = new AbortController()
  const run = leased.run(running.signal)
  await clock.advance(1000)
  await write(leased, 1)
  await settled()
  const created = await leased.barrier(range)
  t.equal(ledger.page.record?.confirmed, created, 'a copy from before is older than what the ledger knows')
  const replaced = await leased.replace(`/a/${keys}` as Key, Buffer.from('y'), created)
  await clock.advance(2000)
  t.equal(ledger.page.record?.confirmed, created)
  const before = ledger.writes
  for (let left = 3; left > 0; left -= 1) {
    await leased.remove(`/a/${keys}` as Key, left === 3 ? replaced : await leased.barrier(range))
    await write(leased, 1)
  }
  await settled()
  t.ok(ledger.writes <= before + 2, 'a mass of them is told of once in a second')
  await clock.advance(1000)
  t.equal(ledger.page.record?.confirmed, await leased.barrier(range))
  running.abort()
  await run
})

t.test('another state begins an epoch, in the store and in the ledger', async (t) => {
  const ledger = new FakeLedger()
  const disk = new Disk()
  const { leased, inner } = await open(t, disk, ledger)
  await write(leased, 3)
  const decide: Replacement['decide'] = (present) => {
    t.equal(ledger.page.accepted, ledger.page.record?.uid, 'an interruption from here on finds what was decided')
    const { uid = '' } = ledger.page.record ?? {}
    const [kept] = present
    return [...(kept ? [kept] : []), { key: identityKey, value: identityBytes({ uid, epoch: 2 }) }]
  }
  const before = await leased.barrier(range)
  const refuse = (): never => {
    throw new RangeError('refused')
  }
  await t.rejects(leased.replaceAll({ countMax: 30, decide: refuse }), RangeError)
  t.match(ledger.page, { record: { epoch: 1 }, accepted: undefined })
  const last = await leased.replaceAll({ countMax: 30, decide })
  t.ok(last > before)
  t.match(ledger.page, { record: { epoch: 2, confirmed: last }, accepted: undefined })
  await write(leased, 30)
  t.ok((ledger.page.record?.bound ?? 0) >= (await leased.barrier(range)))
  await inner[Symbol.asyncDispose]()
  const again = await open(t, disk, ledger)
  t.match(again.admission, { type: 'admitted', identity: { epoch: 2 } })
  await again.inner[Symbol.asyncDispose]()
  const copy = await open(t, disk.before(31), ledger)
  t.match(copy.admission, { type: 'refused', refused: { problem: 'older' } }, 'a copy from before')
})

t.test('a store whose state was replaced without the ledger being told is taken as it is', async (t) => {
  const ledger = new FakeLedger()
  const disk = new Disk()
  const { leased, inner } = await open(t, disk, ledger)
  await write(leased, 3)
  const { uid = '', bound = 0 } = ledger.page.record ?? {}
  const decide: Replacement['decide'] = () => {
    ledger.isAway = true
    return [{ key: identityKey, value: identityBytes({ uid, epoch: 2 }) }]
  }
  const last = await leased.replaceAll({ countMax: 1, decide })
  t.match(ledger.page, { record: { epoch: 1 }, accepted: uid })
  await inner[Symbol.asyncDispose]()
  ledger.isAway = false
  const again = await open(t, disk, ledger)
  t.match(again.admission, { type: 'admitted', identity: { uid, epoch: 3 } })
  t.ok((await again.leased.barrier(range)) > Math.max(last, bound))
  t.equal(ledger.page.accepted, undefined)
})

t.test('what others do to the page while the store is served', async (t) => {
  await t.test('a note on it, or its end, changes nothing', async (t) => {
    const ledger = new FakeLedger()
    const { leased } = await open(t, new Disk(), ledger)
    ledger.scribble({ accepted: 'whatever' })
    await write(leased, 12)
    await settled()
    t.match(ledger.page, { record: { epoch: 1 }, accepted: undefined })
    ledger.page = { record: undefined, refused: undefined, accepted: undefined, version: undefined }
    await write(leased, 12)
    await settled()
    t.match(ledger.page, { record: { epoch: 1 } })
  })

  await t.test('another store on it ends the writing', async (t) => {
    const ledger = new FakeLedger()
    const { leased } = await open(t, new Disk(), ledger)
    const record = { uid: 'another', epoch: 1, confirmed: 1, bound: 100 }
    ledger.scribble({ record })
    await t.rejects(write(leased, 30), { code: 'foreign' })
    t.match(leased.failure(), /another/)
    t.same(ledger.page.record, record)
  })

  await t.test('a page without a record is not taken for a new store', async (t) => {
    const ledger = new FakeLedger()
    ledger.scribble({})
    const { admission } = await open(t, new Disk(), ledger)
    t.match(admission, { type: 'refused', refused: { problem: 'illegible' } })
  })

  await t.test('a store from before there was a page is taken as it is', async (t) => {
    const disk = new Disk()
    const first = await open(t, disk, new FakeLedger())
    await write(first.leased, 2)
    const last = await first.leased.barrier(range)
    await first.inner[Symbol.asyncDispose]()
    const ledger = new FakeLedger()
    const { admission } = await open(t, disk, ledger)
    t.match(admission, { type: 'admitted', identity: { epoch: 1 } })
    t.equal(ledger.page.record?.confirmed, last)
  })
})

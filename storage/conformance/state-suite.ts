import type { Test } from 'tap'
import type { Backend, Entry, Key, KeyRange, Replacement, Revision, StatePage } from '../backend.ts'
import type { StorePlace } from './backend-suite.ts'

const range: KeyRange = { start: '/g/r/' as Key, end: '/g/r0' as Key }
const never = new AbortController().signal
const names = Array.from({ length: 40 }, (_, index) => `p${String(index).padStart(2, '0')}`)

/** What a `Backend` promises of its whole state, where it shows it. */
export function stateSuite(t: Test, newPlace: (t: Test) => Promise<StorePlace>): void {
  t.test('the pages of a state are of one revision, whatever is written and compacted meanwhile', async (t) => {
    const place = await newPlace(t)
    await using backend = await place.open()
    const large = Buffer.alloc(20_000, 'x')
    for (const name of names) await backend.create(key(name), large)
    const at = await backend.barrier(range)
    const pages = pagesOf(backend)
    const entries: Entry[] = [...(await firstOf(pages)).entries]
    const firstCount = entries.length
    for (const name of names) await backend.remove(key(name), (await backend.get(key(name)))?.revision ?? at)
    await backend.compact?.(await backend.create(key('later'), Buffer.from('l')))
    for await (const page of pages) {
      t.match(page, { revision: at, total: names.length })
      entries.push(...page.entries)
    }
    t.ok(firstCount > 0 && firstCount < names.length, 'it took more than one page')
    t.same(
      entries.map((entry) => entry.key),
      names.map(key),
    )
    t.ok(entries.every(({ value }) => large.equals(value)))
    const last = await backend.barrier(range)
    t.equal(await backend.compact?.(last), last, 'nothing is held back any more')
    t.match(await firstOf(pagesOf(backend)), { entries: [{ key: key('later') }], revision: last, total: 1 })
  })

  t.test('a past state says how long it lasted where its range has had no change since', async (t) => {
    const place = await newPlace(t)
    await using backend = await place.open()
    const at = await backend.create(key('kept'), Buffer.from('1'))
    const lasted = async (): Promise<Revision | undefined> => {
      const page = await backend.list(range, { limit: 9, at })
      t.match(page, { revision: at, entries: [{ key: key('kept'), revision: at }] })
      return page.unchangedUntil
    }
    const elsewhere = await backend.create('/g/q/a' as Key, Buffer.from('q'))
    t.equal(await lasted(), elsewhere)
    const removedElsewhere = await backend.remove('/g/q/a' as Key, elsewhere)
    t.equal(await lasted(), removedElsewhere)
    const passing = await backend.create(key('passing'), Buffer.from('p'))
    t.equal(await lasted(), undefined)
    await backend.remove(key('passing'), passing)
    t.equal(await lasted(), undefined, 'who watched has seen it come, and is to see it go')
  })

  t.test('another state takes the place of the present one, whole or not at all', async (t) => {
    const place = await newPlace(t)
    await using backend = await place.open()
    const kept = await backend.create(key('kept'), Buffer.from('1'))
    await backend.replace(key('kept'), Buffer.from('2'), kept)
    const before = await backend.create(key('gone'), Buffer.from('g'))
    const watch = backend.watch(range, before, never)[Symbol.asyncIterator]()
    const waiting = watch.next().then(() => watch.next())
    const ended = t.rejects(waiting, { code: 'compacted' }, 'who watched has to begin anew')
    const refusal = new Error('refused')
    const refuse = (): never => {
      throw refusal
    }
    await t.rejects(replace(backend, 9, refuse), refusal)
    let seen: readonly string[] = []
    const decide: Replacement['decide'] = (present) => {
      seen = present.map((entry) => entry.key)
      return ['kept', 'new'].map((name) => ({ key: key(name), value: Buffer.from(name) }))
    }
    await t.rejects(replace(backend, 1, decide), { code: 'busy' })
    t.equal((await backend.get(key('gone')))?.revision, before, 'what was refused has touched nothing')

    const racing = backend.create(key('racing'), Buffer.from('r'))
    const last = await replace(backend, 9, decide)
    const raced = await racing
    t.equal(seen.includes(key('racing')), raced < last, 'a write comes before or after')
    t.equal((await backend.get(key('racing'))) !== undefined, raced > last)
    t.match(await backend.get(key('kept')), { revision: last - 1, value: Buffer.from('kept') })
    t.match(await backend.get(key('new')), { revision: last })
    t.equal(await backend.get(key('gone')), undefined)
    t.ok(last - 1 > before)
    t.equal(await backend.oldest?.(), last)
    await ended
    await t.rejects(backend.list(range, { limit: 9, at: before }), { code: 'compacted' })
    const next = await backend.create(key('gone'), Buffer.from('again'))
    t.ok(next > last)
    await backend[Symbol.asyncDispose]()
    await using again = await place.open()
    t.match(await again.get(key('kept')), { revision: last - 1, value: Buffer.from('kept') })
    t.equal(await again.oldest?.(), last)
    t.equal(await again.barrier(range), Math.max(next, raced))
  })
}

async function firstOf(pages: AsyncGenerator<StatePage>): Promise<StatePage> {
  const first = await pages.next()
  if (first.done) throw new Error('there is no page')
  return first.value
}

function pagesOf(backend: Backend): AsyncGenerator<StatePage> {
  if (backend.pages === undefined) throw new Error('this backend shows no whole state')
  return backend.pages()
}

function replace(backend: Backend, countMax: number, decide: Replacement['decide']): Promise<Revision> {
  if (backend.replaceAll === undefined) throw new Error('this backend keeps its state')
  return backend.replaceAll({ countMax, decide })
}

function key(name: string): Key {
  return `/g/r/${name}` as Key
}

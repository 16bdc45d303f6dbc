import t from 'tap'
import { embeddedTestOptions } from './conformance/embedded-options.ts'
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts'
import { identifyStore } from './identity.ts'
import { compareKeys } from './key-order.ts'
import { openBackend } from './open.ts'
import { OrderedKeys } from './ordered-keys.ts'
import type { Key, KeyRange, Revision } from './storage.ts'

const prefix = '/g/r/ns/'
const point = { revision: 42 as Revision, after: '/g/r/ns/name' as Key }

function token(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

t.test('a continue token has the form of kube-apiserver and comes back as it was', async (t) => {
  const text = encodeContinueToken(point, prefix)
  t.equal(text, token({ v: 'meta.k8s.io/v1', rv: 42, start: 'name\0' }))
  t.match(text, /^[\w-]+$/)
  t.same(decodeContinueToken(text, prefix), point)
  const newest = { revision: undefined, after: '/g/r/ns/é' as Key }
  t.same(decodeContinueToken(encodeContinueToken(newest, prefix), prefix), newest)
  t.same(decodeContinueToken(encodeContinueToken(point, '/g/r/'), '/g/r/'), point)
})

t.test('what is no continue token is refused with a reason that quotes nothing of it', async (t) => {
  const v = 'meta.k8s.io/v1'
  const table = {
    '': 'it is not a token of this server',
    '%%%': 'it is not a token of this server',
    bm8ganNvbg: 'it is not a token of this server',
    [token(null)]: 'it is not a token of this server',
    [token([1])]: 'it is not a token of this server',
    [token({ v, rv: '42', start: 'a\0' })]: 'it is not a token of this server',
    [token({ v: 'v2', rv: 42, start: 'a\0' })]: 'server does not recognize this encoded version',
    [token({ v, rv: 0, start: 'a\0' })]: `incorrect encoded start resourceVersion (version ${v})`,
    [token({ v, rv: -2, start: 'a\0' })]: `incorrect encoded start resourceVersion (version ${v})`,
    [token({ v, rv: 1.5, start: 'a\0' })]: `incorrect encoded start resourceVersion (version ${v})`,
    [token({ v, rv: 42, start: '' })]: `encoded start key empty (version ${v})`,
    [token({ v, rv: 42, start: '\0' })]: `encoded start key empty (version ${v})`,
    [token({ v, rv: 42, start: '../other/a\0' })]: 'its start key lies outside of the list',
    [token({ v, rv: 42, start: '/a\0' })]: 'its start key lies outside of the list',
    [token({ v, rv: 42, start: 'a/./b\0' })]: 'its start key lies outside of the list',
    [token({ v, rv: 42, start: 'a\0b\0' })]: 'its start key lies outside of the list',
  }
  for (const [text, reason] of Object.entries(table)) {
    t.same(decodeContinueToken(text, prefix), { invalid: `continue key is not valid: ${reason}` })
  }
})

t.test('a store is named once, recognized later, and refused when it is another or a new one', async (t) => {
  await using backend = await openBackend({ kind: 'memory', ...embeddedTestOptions })
  const newUid = () => 'uid-1'
  await t.rejects(identifyStore(backend, { expectedUid: 'uid-1', newUid }), { code: 'foreign' })
  const both = await Promise.all([
    identifyStore(backend, { newUid }),
    identifyStore(backend, { newUid: () => 'uid-2' }),
  ])
  t.same(both, [
    { uid: 'uid-1', epoch: 1 },
    { uid: 'uid-1', epoch: 1 },
  ])
  t.same(await identifyStore(backend, { expectedUid: 'uid-1', newUid }), { uid: 'uid-1', epoch: 1 })
  await t.rejects(identifyStore(backend, { expectedUid: 'uid-9', newUid }), { code: 'foreign' })
})

t.test('keys are in the order of their bytes, whatever is added and deleted between two reads', async (t) => {
  const alphabet = ['a', 'b', '/', '-', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', '']
  const pool = alphabet.flatMap((first) =>
    alphabet.flatMap((second) => alphabet.map((third) => `k${first}${second}${third}`)),
  )
  const bytewise = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right))
  for (const [left, right] of pool
    .slice(0, 400)
    .flatMap((left) => pool.slice(300, 340).map((right) => [left, right] as const))) {
    if (Math.sign(compareKeys(left as Key, right as Key)) !== bytewise(left, right)) t.fail(`${left} and ${right}`)
  }
  const range: KeyRange = { start: 'k' as Key, end: 'l' as Key }
  const keys = new OrderedKeys()
  const present = new Set<string>()
  for (let step = 0; step < 3000; step++) {
    const key = pool[(step * 7919) % pool.length] as Key
    if (present.delete(key)) keys.delete(key)
    else {
      present.add(key)
      keys.add(key)
    }
    if (step % 97 === 0 || step % 101 < 3) t.same(keys.slice(range), [...present].sort(bytewise))
  }
  const [low, high] = ['ka' as Key, 'kb' as Key]
  const inside = [...present].sort(bytewise).filter((key) => bytewise(low, key) <= 0 && bytewise(key, high) < 0)
  t.same(keys.slice({ start: low, end: high }), inside)
  t.same(keys.slice({ start: low, end: high }, 3), inside.slice(0, 3))
  t.equal(keys.count({ start: low, end: high }), inside.length)
})

import t from 'tap'
import type { JsonValue } from '../object.ts'
import { applyStrategicMergePatch } from './strategic-merge-patch.ts'

const keys = { items: 'name', 'spec.items': 'name' }
const patched = (document: JsonValue, patch: JsonValue): JsonValue => applyStrategicMergePatch(document, patch, keys)
const items = (...names: readonly string[]): JsonValue => names.map((name) => ({ name }))
const namesOf = (value: JsonValue): string =>
  ((value as { items?: readonly { name: string }[] }).items ?? []).map(({ name }) => name).join('')

type Case = readonly [name: string, document: JsonValue, patch: JsonValue, expected: JsonValue]

t.test('objects are merged, and directives say otherwise', async (t) => {
  const labels = { a: '1', b: '2' }
  const cases: readonly Case[] = [
    ['a member', { labels }, { labels: { b: '3', c: '4' } }, { labels: { a: '1', b: '3', c: '4' } }],
    ['null removes', { labels, x: 1 }, { labels: { a: null }, x: null }, { labels: { b: '2' } }],
    ['null in what is new', {}, { labels: { a: null, b: '2' } }, { labels: { b: '2' } }],
    ['another sort of value', { x: { a: 1 } }, { x: [1] }, { x: [1] }],
    ['replace', { labels }, { labels: { $patch: 'replace', c: '4' } }, { labels: { c: '4' } }],
    ['delete', { labels }, { labels: { $patch: 'delete' } }, { labels: {} }],
    ['delete of what is not there', { x: 1 }, { labels: { $patch: 'delete' } }, { x: 1 }],
    ['merge', { labels }, { labels: { $patch: 'merge', b: '3' } }, { labels: { a: '1', b: '3' } }],
    ['kept members', { labels }, { labels: { $retainKeys: ['b', 'c'], c: '4' } }, { labels: { b: '2', c: '4' } }],
    ['a list of values', { list: [1, 2] }, { list: [2, 3] }, { list: [2, 3] }],
    ['values taken out of a list', { list: [1, 2, 3] }, { '$deleteFromPrimitiveList/list': [1, 3] }, { list: [2] }],
    ['values taken out of nothing', {}, { '$deleteFromPrimitiveList/list': [1] }, {}],
    [
      'a list without a merge key',
      { list: [{ name: 'a', x: 1 }] },
      { list: [{ name: 'a' }] },
      { list: [{ name: 'a' }] },
    ],
  ]
  for (const [name, document, patch, expected] of cases) t.strictSame(patched(document, patch), expected, name)
})

t.test('items are merged by their key', async (t) => {
  const document = {
    items: [
      { name: 'a', x: 1 },
      { name: 'b', y: { z: 1 } },
    ],
  }
  const cases: readonly Case[] = [
    [
      'by key',
      document,
      { items: [{ name: 'b', y: { w: 2 } }] },
      [
        { name: 'a', x: 1 },
        { name: 'b', y: { z: 1, w: 2 } },
      ],
    ],
    ['a member away', document, { items: [{ name: 'a', x: null }] }, [{ name: 'a' }, { name: 'b', y: { z: 1 } }]],
    ['a new one', { items: items('a') }, { items: [{ name: 'c', x: null }] }, items('c', 'a')],
    ['delete', document, { items: [{ $patch: 'delete', name: 'b' }] }, [{ name: 'a', x: 1 }]],
    ['delete of another', document, { items: [{ $patch: 'delete', name: 'c' }] }, document.items],
    ['replace', document, { items: [{ $patch: 'replace' }, { name: 'c' }] }, items('c')],
    ['an item replaced', { items: items('a', 'a') }, { items: [{ name: 'a', $patch: 'delete' }] }, []],
    ['no list yet', {}, { items: [{ name: 'c' }, { name: 'd', $patch: 'delete' }] }, items('c')],
  ]
  for (const [name, before, patch, expected] of cases) t.strictSame(patched(before, patch), { items: expected }, name)
  const deep = patched({ spec: { items: items('a') } }, { spec: { items: items('b') } })
  t.strictSame(deep, { spec: { items: items('b', 'a') } })
})

t.test(
  'the order is that of the patch for what it names, and as it was for the rest; what is new comes first',
  async (t) => {
    const cases: readonly (readonly [before: string, patch: string, order: string | undefined, expected: string])[] = [
      ['abc', 'ca', undefined, 'bca'],
      ['abc', 'd', undefined, 'dabc'],
      ['abc', 'd', 'dabc', 'dabc'],
      ['as', 'n', 'na', 'nas'],
      ['abc', '', 'ca', 'bca'],
      ['abc', '', 'cba', 'cba'],
      ['', 'ba', 'ba', 'ba'],
    ]
    for (const [before, patch, order, expected] of cases) {
      const directive = order === undefined ? {} : { '$setElementOrder/items': items(...order) }
      const result = patched({ items: items(...before) }, { items: items(...patch), ...directive })
      t.equal(namesOf(result), expected, `${before} + ${patch} by ${order}`)
      const values = { metadata: { finalizers: [...before] } }
      const sets = { finalizers: [...patch], ...(order !== undefined && { '$setElementOrder/finalizers': [...order] }) }
      t.strictSame(patched(values, { metadata: sets }), { metadata: { finalizers: [...expected] } })
    }
  },
)

t.test('metadata is merged as in every kind: owners by uid, finalizers as a set', async (t) => {
  const owner = (uid: string, name = uid): JsonValue => ({ uid, name })
  const metadata = { ownerReferences: [owner('1'), owner('2')], finalizers: ['a/x', 'b/x'] }
  const patch = {
    ownerReferences: [{ $patch: 'delete', uid: '1' }, owner('2', 'two'), owner('3')],
    finalizers: ['c/x'],
  }
  t.strictSame(patched({ metadata }, { metadata: patch }), {
    metadata: { ownerReferences: [owner('2', 'two'), owner('3')], finalizers: ['c/x', 'a/x', 'b/x'] },
  })
  const away = patched({ metadata }, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a/x'] } })
  t.strictSame(away, { metadata: { ...metadata, finalizers: ['b/x'] } })
})

t.test('what is no patch is refused', async (t) => {
  const document = { labels: { a: '1' }, items: items('a') }
  const cases: readonly (readonly [patch: JsonValue, code: string])[] = [
    [[], 'not-a-patch'],
    ['x', 'not-a-patch'],
    [{ labels: { $patch: 'frob' } }, 'failed'],
    [{ items: [{ name: 'a', $patch: 'frob' }] }, 'failed'],
    [{ items: [{ x: 1 }] }, 'failed'],
    [{ items: [{ $patch: 'delete' }] }, 'failed'],
    [{ labels: { $retainKeys: ['b'], a: '2' } }, 'not-a-patch'],
    [{ labels: { $retainKeys: 'a' } }, 'not-a-patch'],
    [{ '$setElementOrder/items': 'a' }, 'not-a-patch'],
    [{ '$deleteFromPrimitiveList/items': 'a' }, 'not-a-patch'],
  ]
  for (const [patch, code] of cases) t.throws(() => patched(document, patch), { code }, JSON.stringify(patch))
})

t.test('no member reaches a prototype', async (t) => {
  const evil = JSON.parse('{"labels":{"__proto__":{"polluted":1}},"constructor":{"x":1}}') as JsonValue
  t.equal(JSON.stringify(patched({ labels: {} }, evil)), JSON.stringify(evil))
  t.equal(JSON.stringify(patched({}, evil)), JSON.stringify(evil))
  t.notOk('polluted' in {})
})

import assert from 'node:assert/strict'
import { asked, namesIn } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { inAnotherNamespace } from '../another-namespace.ts'

export const selectors: readonly Statement[] = [
  {
    number: 57,
    sentence: 'A list is narrowed by labels in every form of the selector; what cannot be read is 400.',
    play: async (scene) => {
      const { api, widgets } = scene
      await createLabelled(scene)
      for (const [labelSelector, wanted] of labelCases) {
        const list = expectObject(await api.get(asked(widgets, { labelSelector })))
        assert.equal(namesIn(list).join(''), wanted, labelSelector)
      }
      for (const labelSelector of brokenLabelSelectors) {
        const answer = await api.get(asked(widgets, { labelSelector }))
        expectFailure(answer, { code: 400, reason: 'BadRequest' })
      }
    },
  },
  {
    number: 58,
    sentence: 'A list is narrowed by name, namespace and the fields of the kind; another field is 400.',
    play: async (scene) => {
      const { api, widgets, namespace, create } = scene
      await create('x', { spec: { owner: 'me' } })
      await create('y', { metadata: { labels: { a: 'b' } } })
      for (const [fieldSelector, wanted] of fieldCases(namespace)) {
        const list = expectObject(await api.get(asked(widgets, { fieldSelector })))
        assert.equal(namesIn(list).join(''), wanted, fieldSelector)
      }
      const both = { fieldSelector: 'metadata.name!=x', labelSelector: 'a=c' }
      assert.deepEqual(namesIn(expectObject(await api.get(asked(widgets, both)))), [])
      await expectNamespaceField(scene)
      const unknown = await api.get(asked(widgets, { fieldSelector: 'spec.size=1' }))
      expectFailure(unknown, { code: 400, reason: 'BadRequest', message: /^field label not supported: spec\.size$/ })
      for (const fieldSelector of ['metadata.name', 'metadata.name=a\\b', 'metadata.name=a=b']) {
        const answer = await api.get(asked(widgets, { fieldSelector }))
        expectFailure(answer, { code: 400, reason: 'BadRequest' })
      }
    },
  },
]

const labelCases: readonly (readonly [string, string])[] = [
  ['', 'abcd'],
  ['tier', 'abc'],
  ['!tier', 'd'],
  ['tier=web', 'ab'],
  ['tier==web', 'ab'],
  ['tier!=web', 'cd'],
  ['tier in (web,db)', 'abc'],
  ['tier in (db)', 'c'],
  ['tier notin (web)', 'cd'],
  ['tier=', ''],
  ['weight>2', 'bc'],
  ['weight<10', 'ab'],
  ['weight > 1, weight < 10', 'b'],
  ['tier=web,weight=5', 'b'],
  ['tier=web,!weight', ''],
  ['example.com/part=x', 'd'],
  [' tier = web ', 'ab'],
]

const brokenLabelSelectors = [
  '=web',
  'tier in',
  'tier in (web',
  'tier web',
  'tier>>2',
  'weight>many',
  'tier=web,',
  'tier=web db',
  '-tier=web',
  `tier=${'x'.repeat(64)}`,
]

async function createLabelled({ create }: Scene): Promise<void> {
  await create('a', { metadata: { labels: { tier: 'web', weight: '1' } } })
  await create('b', { metadata: { labels: { tier: 'web', weight: '5' } } })
  await create('c', { metadata: { labels: { tier: 'db', weight: '10' } } })
  await create('d', { metadata: { labels: { 'example.com/part': 'x' } } })
}

function fieldCases(namespace: string): readonly (readonly [string, string])[] {
  return [
    ['metadata.name=x', 'x'],
    ['metadata.name==x', 'x'],
    ['metadata.name!=x', 'y'],
    ['metadata.name=z', ''],
    ['metadata.name=x,metadata.name=y', ''],
    [`metadata.namespace=${namespace}`, 'xy'],
    [`metadata.name=x,metadata.namespace=${namespace}`, 'x'],
    [`metadata.namespace!=${namespace}`, ''],
    ['metadata.namespace=another', ''],
    ['metadata.name=a\\,b', ''],
    ['spec.owner=me', 'x'],
    ['spec.owner!=me', 'y'],
    ['spec.owner=', 'y'],
    ['spec.owner=me,metadata.name!=x', ''],
  ]
}

/** On the path of all namespaces the field narrows to one. */
async function expectNamespaceField(scene: Scene): Promise<void> {
  await inAnotherNamespace(scene, async (other) => {
    await other.create('x')
    await other.create('z')
    const fieldSelector = `metadata.namespace=${other.namespace}`
    const list = await scene.api.get(asked('/apis/example.com/v1/widgets', { fieldSelector }))
    assert.deepEqual(namesIn(expectObject(list)), ['x', 'z'])
    const one = await scene.api.get(
      asked('/apis/example.com/v1/widgets', { fieldSelector: `${fieldSelector},metadata.name=x` }),
    )
    assert.deepEqual(namesIn(expectObject(one)), ['x'])
  })
}

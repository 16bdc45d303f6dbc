import assert from 'node:assert/strict'
import { listOf } from '../../../support/api-client.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import { mergePatch } from '../../merge-patch.ts'
import { versionOf } from '../../resource-version.ts'
import type { Scene } from '../../scene.ts'
import { until } from '../../../support/until.ts'
import type { Statement } from '../../statement.ts'

const labels = { group: 'chosen' }

export const collections: readonly Statement[] = [
  {
    number: 116,
    sentence: 'DELETE of a collection deletes what is selected, one by one, and answers the list as it was.',
    play: async (scene) => {
      await bySelector(scene)
      await byPage(scene)
      await byOldState(scene)
    },
  },
  {
    number: 117,
    sentence: 'DELETE of a collection with nothing in it answers an empty list.',
    play: async ({ api, widgets }) => {
      const list = expectObject(await api.call('DELETE', widgets))
      assert.equal(list['kind'], 'WidgetList')
      assert.equal(list['apiVersion'], 'example.com/v1')
      assert.deepEqual(list['items'], [])
      versionOf(list)
    },
  },
]

async function bySelector({ api, create, isNative, watch, widgets }: Scene): Promise<void> {
  const free = await create('free', { metadata: { labels } })
  const held = await create('held', { metadata: { labels, finalizers: ['example.com/hold'] } })
  await create('other')
  const query = 'labelSelector=group%3Dchosen'
  expectObject(await api.call('DELETE', `${widgets}?${query}&dryRun=All`))
  const list = expectObject(
    await api.call('DELETE', `${widgets}?${query}`, { body: { propagationPolicy: 'Foreground' } }),
  )
  assert.equal(list['kind'], 'WidgetList')
  versionOf(list)
  const before = listOf(list['items']).map((item) => [
    item['metadata']?.['uid'],
    item['metadata']?.['deletionTimestamp'],
  ])
  assert.deepEqual(
    before,
    [free, held].map(({ json }) => [json['metadata']?.['uid'], undefined]),
  )
  assert.ok(namesOf(expectObject(await api.get(widgets))).includes('other'), 'what was not selected stays')
  // A kube-apiserver leaves it to the garbage collector.
  if (!isNative) await until(async () => (await api.get(`${widgets}/free`)).status === 404)
  expectFailure(await api.get(`${widgets}/free`), { code: 404, reason: 'NotFound' })
  const read = expectObject(await api.get(`${widgets}/held`))
  assert.notEqual(read['metadata']?.['deletionTimestamp'], undefined, 'what is held is marked')
  const stream = await watch(
    `${widgets}?fieldSelector=metadata.name%3Dheld&watch=true&resourceVersion=${versionOf(held.json)}`,
  )
  const { object: marked } = await stream.next()
  assert.deepEqual(marked['metadata']?.['finalizers'], ['example.com/hold', 'foregroundDeletion'])
  expectObject(await mergePatch(api, `${widgets}/held`, { metadata: { finalizers: null } }))
  expectObject(await api.call('DELETE', widgets))
}

async function byPage({ api, create, widgets }: Scene): Promise<void> {
  for (const name of ['a', 'b', 'c']) await create(name)
  const first = expectObject(await api.call('DELETE', `${widgets}?limit=2`))
  assert.deepEqual(namesOf(first), ['a', 'b'])
  const token = String(first['metadata']?.['continue'])
  assert.deepEqual(namesOf(expectObject(await api.get(widgets))), ['c'])
  const second = expectObject(await api.call('DELETE', `${widgets}?limit=2&continue=${encodeURIComponent(token)}`))
  assert.deepEqual(namesOf(second), ['c'])
  assert.ok([undefined, ''].includes(second['metadata']?.['continue'] as undefined))
  assert.deepEqual(namesOf(expectObject(await api.get(widgets))), [])
}

/** Section 13, 6: an old state is deleted only as far as it still is the state. */
async function byOldState({ api, create, widgets }: Scene): Promise<void> {
  await create('changed')
  const old = versionOf((await create('unchanged')).json)
  expectObject(await mergePatch(api, `${widgets}/changed`, { spec: { size: 7 } }))
  await create('younger')
  const exact = `${widgets}?resourceVersion=${old}&resourceVersionMatch=Exact`
  expectFailure(await api.call('DELETE', exact), {
    code: 409,
    reason: 'Conflict',
    message: /the ResourceVersion in the precondition/,
  })
  const selected = `${exact}&fieldSelector=metadata.name%3Dunchanged`
  assert.deepEqual(namesOf(expectObject(await api.call('DELETE', selected))), ['unchanged'])
  const left = namesOf(expectObject(await api.get(widgets)))
  assert.deepEqual(left, ['changed', 'younger'])
  expectObject(await api.call('DELETE', widgets))
}

function namesOf(list: Parameters<typeof versionOf>[0]): readonly unknown[] {
  return listOf(list?.['items']).map((item) => item['metadata']?.['name'])
}

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Json } from '../../../support/api-client.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import { mergePatch } from '../../merge-patch.ts'
import { versionOf } from '../../resource-version.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { watchPath } from './watch-path.ts'

export const selections: readonly Statement[] = [
  {
    number: 134,
    sentence: 'What leaves a selection is deleted for its watch, as it was; what enters it is added.',
    play: async (scene) => {
      await throughSelection(scene, {
        query: '&labelSelector=on%3Dyes',
        inside: { metadata: { labels: { on: 'yes' } } },
        outside: { metadata: { labels: { on: null } } },
      })
      await throughSelection(scene, {
        query: '&fieldSelector=spec.owner%3Dann',
        inside: { spec: { owner: 'ann' } },
        outside: { spec: { owner: 'bob' } },
      })
    },
  },
  {
    number: 135,
    sentence: 'A watch of one name is told of that name only.',
    play: async ({ api, create, watch, widgets }) => {
      const list = expectObject(await api.get(widgets))
      const stream = await watch(watchPath(widgets, list, '&fieldSelector=metadata.name%3Dx'))
      await create('w')
      const added = (await create('x')).json
      await create('xx')
      const changed = expectObject(await mergePatch(api, `${widgets}/x`, { spec: { size: 1 } }))
      assert.deepEqual(await stream.take(2), [
        { type: 'ADDED', object: added },
        { type: 'MODIFIED', object: changed },
      ])
      const state = await watch(`${widgets}?watch=true&fieldSelector=metadata.name%3Dx`)
      assert.deepEqual(await state.next(), { type: 'ADDED', object: changed })
      const last = expectObject(await mergePatch(api, `${widgets}/x`, { spec: { size: 2 } }))
      assert.deepEqual(await state.next(), { type: 'MODIFIED', object: last })
    },
  },
  {
    number: 136,
    sentence: 'A watch of a namespace is told nothing of another; one of all namespaces is told of both.',
    play: async ({ addNamespace, api, create, namespace, watch, widget, widgets }) => {
      const other = `${namespace}-b`
      await addNamespace(other)
      const list = expectObject(await api.get(widgets))
      const own = await watch(watchPath(widgets, list))
      const all = await watch(watchPath('/apis/example.com/v1/widgets', list))
      const foreign = expectObject(await api.post(widgets.replace(namespace, other), widget('a')), 201)
      const mine = (await create('a')).json
      assert.deepEqual(await own.next(), { type: 'ADDED', object: mine })
      const ours = (object: Json): boolean => String(object['metadata']?.['namespace']).startsWith(namespace)
      const isLast = ({ object }: { object: Json }): boolean => versionOf(object) >= versionOf(mine)
      const told = (await all.until(isLast)).filter(({ object }) => ours(object))
      assert.deepEqual(
        told,
        [foreign, mine].map((object) => ({ type: 'ADDED', object })),
      )
      expectObject(await api.call('DELETE', `/api/v1/namespaces/${other}`))
    },
  },
  {
    number: 137,
    sentence: 'The old paths below /watch/ are watches, of everything, a namespace or one object.',
    notForCustomResources: 'they have no paths below /watch/',
    play: async ({ api, create, namespace, watch, widgets }) => {
      const label = `run-${randomUUID().slice(0, 8)}`
      const added = (await create('a', { metadata: { labels: { [label]: 'x' } } })).json
      await create('b')
      const base = '/apis/example.com/v1/watch'
      for (const path of [
        `${base}/widgets?labelSelector=${label}`,
        `${base}/namespaces/${namespace}/widgets?labelSelector=${label}`,
        `${base}/namespaces/${namespace}/widgets/a?watch=false`,
      ]) {
        const stream = await watch(`${path}&timeoutSeconds=1`)
        assert.equal(stream.status, 200)
        assert.deepEqual(await stream.rest(), [{ type: 'ADDED', object: added }], path)
      }
      expectFailure(await api.get(`${base}/gadgets`), { code: 404 })
      expectObject(await api.get(`${widgets}/a`))
    },
  },
]

interface Passage {
  readonly query: string
  readonly inside: object
  readonly outside: object
}

async function throughSelection(scene: Scene, { query, inside, outside }: Passage): Promise<void> {
  const { api, create, watch, widgets } = scene
  const name = `n${randomUUID().slice(0, 8)}`
  const path = `${widgets}/${name}`
  const created = (await create(name)).json
  const stream = await watch(watchPath(widgets, created, query))
  const entered = expectObject(await mergePatch(api, path, inside))
  const stayed = expectObject(await mergePatch(api, path, { spec: { size: 5 } }))
  const left = expectObject(await mergePatch(api, path, outside))
  expectObject(await mergePatch(api, path, { spec: { size: 6 } }))
  const again = expectObject(await mergePatch(api, path, inside))
  expectObject(await api.call('DELETE', path))
  const told = await stream.take(5)
  const { resourceVersion } = left['metadata'] ?? {}
  assert.deepEqual(told.slice(0, 4), [
    { type: 'ADDED', object: entered },
    { type: 'MODIFIED', object: stayed },
    { type: 'DELETED', object: { ...stayed, metadata: { ...stayed['metadata'], resourceVersion } } },
    { type: 'ADDED', object: again },
  ])
  assert.equal(told[4]?.type, 'DELETED')
  assert.ok(versionOf(told[4].object) > versionOf(again))
}

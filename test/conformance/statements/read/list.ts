import assert from 'node:assert/strict'
import { listOf } from '../../../support/api-client.ts'
import { until } from '../../../support/until.ts'
import { isLater, namesIn, versionOf } from '../../ask.ts'
import { expectObject } from '../../expect.ts'
import type { Statement } from '../../statement.ts'
import { inAnotherNamespace } from '../another-namespace.ts'

export const listing: readonly Statement[] = [
  {
    number: 54,
    sentence: 'An empty list has items and a resourceVersion.',
    play: async ({ api, widgets, namespace, create }) => {
      await create('one')
      const empty = [
        `/api/v1/namespaces/${namespace}/secrets?labelSelector=nobody=bears`,
        `${widgets}?labelSelector=nobody=bears`,
        `${widgets}?fieldSelector=metadata.name=nobody`,
        widgets.replace(namespace, `${namespace}-no`),
      ]
      for (const path of empty) {
        const list = expectObject(await api.get(path))
        assert.deepEqual(list['items'], [], path)
        assert.match(versionOf(list), /^[1-9]\d*$/, path)
        assert.ok(!list['metadata']?.['continue'])
        assert.equal(list['metadata']?.['remainingItemCount'], undefined)
      }
    },
  },
  {
    number: 55,
    sentence: 'A list is of the kind of its items with List behind it, in the version of the path.',
    play: async ({ api, widgets, namespace, clusterWidgets, create }) => {
      await create('one')
      const cases = [
        [widgets, 'example.com/v1', 'WidgetList'],
        [widgets.replace('/v1/', '/v1beta1/'), 'example.com/v1beta1', 'WidgetList'],
        [clusterWidgets, 'example.com/v1', 'ClusterWidgetList'],
        [`/api/v1/namespaces/${namespace}/configmaps`, 'v1', 'ConfigMapList'],
      ] as const
      for (const [path, apiVersion, kind] of cases) {
        const list = expectObject(await api.get(path))
        assert.deepEqual([list['apiVersion'], list['kind']], [apiVersion, kind])
        const types = listOf(list['items']).map((item) => [item['apiVersion'], item['kind']])
        if (apiVersion !== 'v1') for (const type of types) assert.deepEqual(type, [apiVersion, kind.slice(0, -4)])
      }
    },
  },
  {
    number: 56,
    sentence: 'The resourceVersion of a list is not before any of its items and stays while nothing is written.',
    alone: true,
    play: async ({ api, widgets, create }) => {
      for (const name of ['a', 'b', 'c']) await create(name)
      expectObject(await api.call('DELETE', `${widgets}/b`))
      const list = expectObject(await api.get(widgets))
      for (const item of listOf(list['items'])) assert.ok(!isLater(versionOf(item), versionOf(list)))
      // A cluster writes for itself now and then; what a list itself would do to the version it does each time.
      const listed = async (): Promise<string> => versionOf(expectObject(await api.get(widgets)))
      await until(async () => (await listed()) === (await listed()))
    },
  },
  {
    number: 59,
    sentence: 'A list over all namespaces has the objects of each, by namespace and name.',
    play: async (scene) => {
      const { api, namespace, prefix } = scene
      await inAnotherNamespace(scene, async (other) => {
        const labels = { scene: prefix }
        for (const name of ['b', 'a']) await scene.create(name, { metadata: { labels } })
        for (const name of ['c', 'a']) await other.create(name, { metadata: { labels } })
        const list = expectObject(await api.get(`/apis/example.com/v1/widgets?labelSelector=scene=${prefix}`))
        const found = listOf(list['items']).map(({ metadata }) => `${metadata?.['namespace']}/${metadata?.['name']}`)
        const wanted = [`${namespace}/a`, `${namespace}/b`, `${other.namespace}/a`, `${other.namespace}/c`]
        assert.deepEqual(found, wanted)
        assert.deepEqual(namesIn(expectObject(await api.get(other.widgets))), ['a', 'c'])
      })
    },
  },
]

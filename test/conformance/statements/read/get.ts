import assert from 'node:assert/strict'
import { asked, isLater, versionOf } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { expectFutureVersion } from './future-version.ts'

export const getting: readonly Statement[] = [
  {
    number: 51,
    sentence: 'GET of what is not there is 404, with the resource and the name in message and details.',
    play: async ({ api, namespace, prefix, widgets, clusterWidgets }) => {
      const absent = await api.get(`${widgets}/absent`)
      assert.deepEqual(absent.json, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'widgets.example.com "absent" not found',
        reason: 'NotFound',
        details: { name: 'absent', group: 'example.com', kind: 'widgets' },
        code: 404,
      })
      assert.deepEqual((await api.get(`${widgets}/absent/status`)).json, absent.json)
      assert.deepEqual((await api.get(`${widgets.replace(namespace, `${prefix}-no`)}/absent`)).json, absent.json)
      const cluster = { message: `clusterwidgets.example.com "${prefix}" not found`, reason: 'NotFound' }
      expectFailure(await api.get(`${clusterWidgets}/${prefix}`), { code: 404, ...cluster })
      const core = { message: 'configmaps "absent" not found', details: { name: 'absent', kind: 'configmaps' } }
      expectFailure(await api.get(`/api/v1/namespaces/${namespace}/configmaps/absent`), { code: 404, ...core })
    },
  },
  {
    number: 52,
    sentence: 'GET takes any resourceVersion that has been reached; one from the future ends as 504.',
    play: async (scene) => {
      const { api, widgets } = scene
      const old = versionOf((await scene.create('one')).json)
      const current = versionOf((await scene.create('two')).json)
      for (const resourceVersion of ['0', old, current, '']) {
        const found = expectObject(await api.get(asked(`${widgets}/one`, { resourceVersion })))
        assert.equal(versionOf(found), old)
      }
      await expectFutureVersion(scene, `${widgets}/one`, {})
      await expectGarbageVersion(scene)
    },
  },
  {
    number: 53,
    sentence: 'GET with export is 400.',
    play: async ({ api, widgets, create }) => {
      await create('one')
      const message = 'the export parameter, deprecated since v1.14, is no longer supported'
      for (const query of ['export=true', 'export=1', 'export']) {
        expectFailure(await api.get(`${widgets}/one?${query}`), { code: 400, reason: 'BadRequest', message })
      }
      expectObject(await api.get(`${widgets}/one?export=false`))
    },
  },
  {
    number: 70,
    sentence: 'A list sees every write that was answered before it.',
    play: async (scene) => {
      await Promise.all(Array.from({ length: 10 }, (_, index) => writesAreListed(scene, `w${index}`)))
    },
  },
]

/** A kube-apiserver answers a plain 500 here. */
async function expectGarbageVersion({ api, widgets, isNative }: Scene): Promise<void> {
  const answer = await api.get(asked(`${widgets}/one`, { resourceVersion: 'garbage' }))
  if (isNative) expectFailure(answer, { code: 400, reason: 'BadRequest', message: /^invalid resource version: / })
  else expectFailure(answer, { code: 500 })
}

async function writesAreListed({ api, widgets, create }: Scene, name: string): Promise<void> {
  const created = versionOf((await create(name, { metadata: { labels: { name } } })).json)
  const versions = async (): Promise<readonly string[]> => {
    const list = expectObject(await api.get(asked(widgets, { labelSelector: `name=${name}` })))
    assert.ok(!isLater(created, versionOf(list)), 'the list is of a state before the write')
    return (list['items'] as unknown as Parameters<typeof versionOf>[0][]).map(versionOf)
  }
  assert.deepEqual(await versions(), [created])
  const body = { metadata: { annotations: { changed: 'yes' } } }
  const contentType = 'application/merge-patch+json'
  const changed = versionOf(expectObject(await api.call('PATCH', `${widgets}/${name}`, { body, contentType })))
  assert.deepEqual(await versions(), [changed])
  expectObject(await api.call('DELETE', `${widgets}/${name}`))
  assert.deepEqual(await versions(), [])
}

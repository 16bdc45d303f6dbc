import assert from 'node:assert/strict'
import type { Json } from '../../../support/api-client.ts'
import type { WatchedEvent } from '../../../support/watch-stream.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import { mergePatch } from '../../merge-patch.ts'
import { versionOf } from '../../resource-version.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { watchPath } from './watch-path.ts'

export const events: readonly Statement[] = [
  {
    number: 121,
    sentence: 'The head of a watch is sent before anything happens.',
    play: async ({ create, watch, widgets }) => {
      const stream = await watch(`${widgets}?watch=true`)
      assert.equal(stream.status, 200)
      assert.equal(stream.headers['content-type'], 'application/json')
      assert.equal(stream.headers['transfer-encoding'], 'chunked')
      assert.equal(stream.headers['content-length'], undefined)
      assert.equal(stream.headers['content-encoding'], undefined)
      await create('a')
      assert.equal((await stream.next()).object['metadata']?.['name'], 'a')
    },
  },
  {
    number: 122,
    sentence: 'A watch from the version of a list tells every change behind it, whole and in order.',
    play: async (scene) => {
      const { api, create, watch, widgets } = scene
      await create('before')
      const stream = await watch(watchPath(widgets, expectObject(await api.get(widgets))))
      const states = await lifeOf(scene, 'a')
      const told = await stream.take(4)
      assert.deepEqual(typesOf(told), ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED'])
      assert.deepEqual(
        told.slice(0, 3).map(({ object }) => object),
        states,
      )
      assert.equal(nameOf(told[3]?.object), 'a')
      const resumed = await watch(watchPath(widgets, states[1]))
      assert.deepEqual(await resumed.take(2), told.slice(2), 'from the version of an object')
    },
  },
  {
    number: 123,
    sentence: 'The event of a deletion shows the object as it was last, with a version of its own.',
    play: async ({ api, create, watch, widgets }) => {
      const created = (await create('a')).json
      const stream = await watch(watchPath(widgets, created))
      const modified = expectObject(await mergePatch(api, `${widgets}/a`, { spec: { size: 4 } }))
      expectObject(await api.call('DELETE', `${widgets}/a`))
      const [, deleted] = await stream.take(2)
      assert.equal(deleted?.type, 'DELETED')
      assert.ok(versionOf(deleted.object) > versionOf(modified))
      const resourceVersion = String(versionOf(deleted.object))
      assert.deepEqual(deleted.object, { ...modified, metadata: { ...modified['metadata'], resourceVersion } })
      const list = expectObject(await api.get(widgets))
      assert.ok(versionOf(list) >= versionOf(deleted.object))
    },
  },
  {
    number: 124,
    sentence: 'A watch from no version or from 0 begins with everything there is, as added.',
    play: async ({ api, create, watch, widgets }) => {
      const there = [(await create('a')).json, (await create('b')).json]
      for (const from of ['', '&resourceVersion=', '&resourceVersion=0']) {
        const stream = await watch(`${widgets}?watch=1${from}`)
        const added = (await stream.take(2)).toSorted((left, right) =>
          nameOf(left.object).localeCompare(nameOf(right.object)),
        )
        assert.deepEqual(
          added,
          there.map((object) => ({ type: 'ADDED', object })),
        )
        const modified = expectObject(
          await mergePatch(api, `${widgets}/a`, { metadata: { labels: { from: `x${from.length}` } } }),
        )
        there[0] = modified
        assert.deepEqual(await stream.next(), { type: 'MODIFIED', object: modified })
      }
    },
  },
  {
    number: 133,
    sentence: 'A watch from a version that has not come waits for it, and tells what is behind it.',
    play: async ({ api, create, watch, widgets }) => {
      const future = versionOf(expectObject(await api.get(widgets))) + 20n
      const stream = await watch(`${widgets}?watch=true&resourceVersion=${future}`)
      assert.equal(stream.status, 200)
      const behind: Json[] = []
      for (let index = 0; behind.length < 3; index += 1) {
        const { json } = await create(`n${index}`)
        if (versionOf(json) > future) behind.push(json)
      }
      assert.deepEqual(
        await stream.take(3),
        behind.map((object) => ({ type: 'ADDED', object })),
      )
    },
  },
  {
    number: 142,
    sentence: 'Dry runs and writes that change nothing are no events.',
    play: async ({ api, create, watch, widget, widgets }) => {
      const created = (await create('a', { spec: { size: 1 } })).json
      const stream = await watch(watchPath(widgets, created))
      expectObject(await api.post(`${widgets}?dryRun=All`, widget('dry')), 201)
      expectObject(await mergePatch(api, `${widgets}/a?dryRun=All`, { spec: { size: 2 } }))
      expectObject(await api.call('DELETE', `${widgets}/a?dryRun=All`))
      expectObject(await api.call('DELETE', `${widgets}?dryRun=All`))
      expectObject(await mergePatch(api, `${widgets}/a`, { spec: { size: 1 } }))
      expectObject(await api.call('PUT', `${widgets}/a`, { body: created }))
      expectObject(await api.call('PUT', `${widgets}/a/status`, { body: created }))
      expectFailure(await api.post(widgets, widget('a')), { code: 409 })
      const last = (await create('last')).json
      assert.deepEqual(await stream.next(), { type: 'ADDED', object: last })
    },
  },
]

function nameOf(object: Json | undefined): string {
  return String(object?.['metadata']?.['name'])
}

function typesOf(told: readonly WatchedEvent[]): readonly string[] {
  return told.map(({ type }) => type)
}

/** Creates, changes in spec and status, and deletes; answers the states between. */
async function lifeOf({ api, create, widgets }: Scene, name: string): Promise<readonly Json[]> {
  const path = `${widgets}/${name}`
  const added = (await create(name, { spec: { size: 1 } })).json
  const changed = expectObject(await mergePatch(api, path, { spec: { size: 2 } }))
  const judged = expectObject(await mergePatch(api, `${path}/status`, { status: { phase: 'Ready' } }))
  expectObject(await api.call('DELETE', path))
  return [added, changed, judged]
}

import assert from 'node:assert/strict'
import type { Json } from '../../../support/api-client.ts'
import type { WatchedEvent, WatchStream } from '../../../support/watch-stream.ts'
import { expectObject } from '../../expect.ts'
import { mergePatch } from '../../merge-patch.ts'
import { versionOf } from '../../resource-version.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { watchPath } from './watch-path.ts'

export const restarts: readonly Statement[] = [
  {
    number: 140,
    sentence: 'A watch from a version before a restart is told all that came after it, or that it is too old.',
    needs: 'restart',
    alone: true,
    play: async (scene) => {
      const { api, control, create, watch, widgets } = scene
      const list = expectObject(await api.get(widgets))
      const before = await writesOf(scene, 'before')
      await control('restart')()
      const after = await writesOf(scene, 'after')
      assert.ok(versionOf(after[0]) > versionOf(before.at(-1)), 'versions go on')
      await expectAllOrExpired(scene, await watch(watchPath(widgets, list)), [...before, ...after])
      assert.deepEqual(expectObject(await api.get(`${widgets}/before`)), before.at(-1))
      const last = (await create('last')).json
      const resumed = await watch(watchPath(widgets, after.at(-1)))
      assert.deepEqual(await resumed.next(), { type: 'ADDED', object: last })
    },
  },
  {
    number: 141,
    sentence: 'A watch on one replica is told what was written on another.',
    notYet: 'two replicas need shared storage, which comes later',
    play: () => Promise.resolve(),
  },
  {
    number: 146,
    sentence: 'A server that ends ends its watches in order, and they are taken up again where they were.',
    needs: 'restart',
    alone: true,
    play: async (scene) => {
      const { api, control, watch, widgets } = scene
      const told = await watch(watchPath(widgets, expectObject(await api.get(widgets))))
      const idle = await watch(`${widgets}?watch=true&labelSelector=none`)
      const before = await writesOf(scene, 'before')
      assert.deepEqual(
        (await told.take(before.length)).map(({ object }) => object),
        before,
      )
      await control('restart')()
      assert.deepEqual(await told.rest(), [], 'no error and no broken connection')
      assert.deepEqual(await idle.rest(), [])
      const resumed = await watch(watchPath(widgets, before.at(-1)))
      await expectAllOrExpired(scene, resumed, await writesOf(scene, 'after'))
    },
  },
]

/** Three states of one widget. */
async function writesOf({ api, create, widgets }: Scene, name: string): Promise<readonly Json[]> {
  const created = (await create(name)).json
  const changes: Json[] = []
  for (const size of [1, 2]) changes.push(expectObject(await mergePatch(api, `${widgets}/${name}`, { spec: { size } })))
  return [created, ...changes]
}

/** A kube-apiserver forgets with a restart, and says so; a native server has no reason to. */
async function expectAllOrExpired({ isNative }: Scene, stream: WatchStream, states: readonly Json[]): Promise<void> {
  const first = await stream.next()
  if (!isNative && first.type === 'ERROR') {
    assert.equal(first.object['code'], 410)
    return
  }
  const told: readonly WatchedEvent[] = [first, ...(await stream.take(states.length - 1))]
  assert.deepEqual(
    told.map(({ object }) => object),
    states,
  )
}

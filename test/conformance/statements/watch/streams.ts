import assert from 'node:assert/strict'
import type { ApiClient } from '../../../support/api-client.ts'
import { RawConnection } from '../../../support/raw-connection.ts'
import { until } from '../../../support/until.ts'
import { WatchStream, type WatchedEvent } from '../../../support/watch-stream.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import { mergePatch } from '../../merge-patch.ts'
import { createThere, metricOf, widgetsThere } from '../../other-server.ts'
import { versionOf } from '../../resource-version.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { expiredPath } from './expired-path.ts'
import { watchPath } from './watch-path.ts'

const streamCount = 200
const openingCount = 20
const stuckCount = 8
const largeBytes = 500_000
const largeCount = 120

export const streams: readonly Statement[] = [
  {
    number: 132,
    sentence: 'A watch from a version that is forgotten is told so by one error event, and ends.',
    play: async (scene) => {
      await using expired = await expiredPath(scene)
      const stream = await WatchStream.open(expired.api, expired.path)
      assert.equal(stream.status, 200)
      const [error, ...rest] = await stream.rest()
      assert.deepEqual(rest, [])
      assert.equal(error?.type, 'ERROR')
      const text = JSON.stringify(error.object)
      const message =
        /^(too old resource version: \d+ \(\d+\)|The resourceVersion for the provided watch is too old\.)$/
      expectFailure({ status: 410, headers: {}, text, json: error.object }, { code: 410, reason: 'Expired', message })
    },
  },
  {
    number: 138,
    sentence: 'Two hundred streams are each told everything once, and the same.',
    play: async (scene) => {
      const { api, watch, widgets } = scene
      const list = expectObject(await api.get(widgets))
      const all: WatchStream[] = []
      while (all.length < streamCount) {
        const opening = Array.from({ length: openingCount }, () => watch(watchPath(widgets, list)))
        all.push(...(await Promise.all(opening)))
      }
      const states = await manyWrites(scene)
      const told = await Promise.all(all.map((stream) => stream.take(states.length)))
      const expected = told[0] ?? []
      const seen = expected.map(({ type, object }) => (type === 'DELETED' ? type : versionOf(object)))
      assert.deepEqual(seen, states)
      for (const each of told) assert.deepEqual(each, expected)
    },
  },
  {
    number: 139,
    sentence: 'Readers that take nothing are cut off; they cost the server little and others nothing.',
    needs: 'another',
    play: async ({ control }) => {
      // Whoever reads while a busy machine is at something else takes nothing for a while, too.
      await using server = await control('another')(['--stuck-reader-timeout', '5s'])
      const { api } = server
      const list = expectObject(await api.get(widgetsThere))
      const patient = await WatchStream.open(api, watchPath(widgetsThere, list))
      const stuck = await Promise.all(
        Array.from({ length: stuckCount }, () => stuckReader(api, watchPath(widgetsThere, list))),
      )
      await createThere(server, 'large')
      const before = await metricOf(api, 'process_resident_memory_bytes')
      for (let index = 0; index < largeCount; index += 1) {
        const settings = { text: String(index).padStart(largeBytes, 'x') }
        expectObject(await mergePatch(api, `${widgetsThere}/large`, { spec: { settings } }))
      }
      const grown = (await metricOf(api, 'process_resident_memory_bytes')) - before
      const unread = stuckCount * largeCount * largeBytes
      assert.ok(grown < unread / 2, `${grown} bytes more for ${unread} that nobody read`)
      assert.equal((await patient.take(largeCount + 1)).length, largeCount + 1)
      await until(async () => (await metricOf(api, 'apiserver_longrunning_requests')) === 1)
      for (const reader of stuck) await expectCut(reader)
      await createThere(server, 'last')
      assert.equal((await patient.next()).object['metadata']?.['name'], 'last')
      patient.close()
    },
  },
]

/** Creates, changes and deletes, and answers the version of each state, or that it was deleted. */
async function manyWrites({ api, create, widgets }: Scene): Promise<readonly (bigint | WatchedEvent['type'])[]> {
  const states: (bigint | string)[] = []
  for (let round = 0; round < 10; round += 1) {
    for (const name of ['a', 'b']) states.push(versionOf((await create(name)).json))
    const changes = [1, 2].map((size) => mergePatch(api, `${widgets}/a`, { spec: { size } }))
    const versions = (await Promise.all(changes)).map((answer) => versionOf(expectObject(answer)))
    states.push(...versions.toSorted((left, right) => (left < right ? -1 : 1)))
    for (const name of ['a', 'b']) {
      expectObject(await api.call('DELETE', `${widgets}/${name}`))
      states.push('DELETED')
    }
  }
  states.push(versionOf((await create('last')).json))
  return states
}

/** Asks for a watch and reads nothing of it. */
async function stuckReader(api: ApiClient, path: string): Promise<RawConnection> {
  const reader = await RawConnection.open(api)
  reader.socket.pause()
  reader.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  return reader
}

/** What was on its way can still be read; it is not all, and no orderly end. */
async function expectCut(reader: RawConnection): Promise<void> {
  reader.socket.resume()
  const text = await reader.rest()
  assert.match(text, /^HTTP\/1\.1 200 /)
  assert.ok(text.length < (largeCount * largeBytes) / 2)
  assert.doesNotMatch(text.slice(-10), /\r\n0\r\n\r\n$/)
}

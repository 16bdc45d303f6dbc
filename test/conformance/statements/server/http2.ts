import assert from 'node:assert/strict'
import { Http2Connection } from '../../../support/http2-connection.ts'
import { expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { watchPath } from '../watch/watch-path.ts'

const streamCount = 500
const listCount = 40

export const http2: readonly Statement[] = [
  {
    number: 201,
    sentence: 'One HTTP/2 connection carries 500 requests at once, and pings are answered between them.',
    play: async (scene) => {
      const { api, create, isNative, widgets } = scene
      using connection = await Http2Connection.open(api)
      const { maxConcurrentStreams = 0 } = connection.remoteSettings
      assert.ok(!isNative || maxConcurrentStreams >= streamCount, `${maxConcurrentStreams} streams`)
      const list = expectObject(await api.get(widgets))
      const count = Math.min(streamCount, maxConcurrentStreams - 1)
      const opening = Array.from({ length: count }, () => connection.open(watchPath(widgets, list)))
      const watches = await Promise.all(opening)
      assert.ok(watches.every(({ head }) => head.status === 200 && head.headers['transfer-encoding'] === undefined))
      assert.ok(watches.every(({ head }) => head.headers['content-type'] === 'application/json'))
      await connection.ping()
      const object = (await create('a')).json
      const lines = await Promise.all(watches.map((one) => one.line()))
      for (const line of lines) assert.deepEqual(JSON.parse(line), { type: 'ADDED', object })
      for (const one of watches) one.close()
      await pingWhileBusy(scene, connection)
    },
  },
]

/** Lists of a megabyte keep the server busy; the answer to the ping does not wait behind all of them. */
async function pingWhileBusy({ create, widgets }: Scene, connection: Http2Connection): Promise<void> {
  for (let index = 0; index < 10; index += 1) {
    await create(`n${index}`, { spec: { settings: { text: 'x'.repeat(100_000) } } })
  }
  let openCount = listCount
  const answers = Array.from({ length: listCount }, async () => {
    const answer = await connection.get(widgets)
    openCount -= 1
    return answer
  })
  await connection.ping()
  assert.ok(openCount > 0, 'the ping is answered before the lists')
  for (const { status, text } of await Promise.all(answers)) {
    assert.equal(status, 200)
    assert.ok(text.length > 1_000_000)
  }
}

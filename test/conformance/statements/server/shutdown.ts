import assert from 'node:assert/strict'
import type { ApiClient } from '../../../support/api-client.ts'
import { RawConnection } from '../../../support/raw-connection.ts'
import { until } from '../../../support/until.ts'
import { WatchStream } from '../../../support/watch-stream.ts'
import { expectObject } from '../../expect.ts'
import { createThere, widgetsThere } from '../../other-server.ts'
import type { Statement } from '../../statement.ts'

export const shutdown: readonly Statement[] = [
  {
    number: 196,
    sentence: 'A server told to end is not ready at once, serves on for the delay, and answers what has begun.',
    needs: 'another',
    play: async ({ control }) => {
      await using server = await control('another')(['--shutdown-delay-duration', '10s', '--body-timeout', '50s'])
      const { api } = server
      await createThere(server, 'a')
      const stream = await WatchStream.open(api, `${widgetsThere}?watch=true`)
      assert.equal((await stream.next()).type, 'ADDED')
      using begun = await beginCreation(api, 'begun')
      const exit = server.kill('SIGTERM')
      await until(async () => (await api.get('/readyz')).status === 500)
      await expectServing(api)
      await createThere(server, 'late')
      assert.equal((await stream.next()).object['metadata']?.['name'], 'late')
      assert.deepEqual(await stream.rest(), [], 'the watch ends in order')
      await until(() => isRefused(api))
      begun.finish()
      assert.match(await begun.answer(), /^HTTP\/1\.1 201 Created\r\n/)
      assert.equal(await exit, 0)
    },
  },
]

async function expectServing(api: ApiClient): Promise<void> {
  const ready = await api.get('/readyz')
  assert.match(
    ready.text,
    /^(\[\+\]\S+ ok\n)+\[-\]shutdown failed: reason withheld\n(\[\+\]\S+ ok\n)*readyz check failed\n$/,
  )
  const one = await api.get('/readyz/shutdown')
  assert.equal(one.status, 500)
  assert.equal(one.text, 'internal server error: process is shutting down\n')
  assert.equal((await api.get('/livez')).status, 200)
  expectObject(await api.get(`${widgetsThere}/a`))
}

async function isRefused(api: ApiClient): Promise<boolean> {
  const answer = await api.get(`${widgetsThere}/a`).catch(() => undefined)
  return answer === undefined || answer.status === 503
}

interface BegunCreation extends Disposable {
  finish(): void
  answer(): Promise<string>
}

/** A creation of which all but the end has been sent. */
async function beginCreation(api: ApiClient, name: string): Promise<BegunCreation> {
  const connection = await RawConnection.open(api)
  const body = JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name } })
  const head = ['Host: localhost', 'Content-Type: application/json', `Content-Length: ${body.length}`]
  connection.send(`POST ${widgetsThere} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body.slice(0, -1)}`)
  return {
    finish: () => connection.send(body.slice(-1)),
    answer: () => connection.until((text) => text.includes(`"name":"${name}"`)),
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  }
}

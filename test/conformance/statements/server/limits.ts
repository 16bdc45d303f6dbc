import assert from 'node:assert/strict'
import { Http2Connection } from '../../../support/http2-connection.ts'
import { RawConnection } from '../../../support/raw-connection.ts'
import type { ApiClient } from '../../../support/api-client.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import { widgetsThere } from '../../other-server.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'

/** Node's own limit of an idle connection is 5 s. */
const idleSeconds = { patient: 91, hurried: 7 }

export const limits: readonly Statement[] = [
  {
    number: 197,
    sentence: 'Where there is no room a request is 429 and told when to come again; system:masters is served.',
    needs: 'another',
    play: async ({ control }) => {
      const flags = [
        '--max-requests-inflight',
        '0',
        '--max-mutating-requests-inflight',
        '0',
        '--max-user-queue-length',
        '0',
      ]
      await using server = await control('another')(flags)
      const { api } = server
      const headers = { 'impersonate-user': 'ann' }
      const body = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } }
      const refused = [api.call('GET', widgetsThere, { headers }), api.call('POST', widgetsThere, { headers, body })]
      for (const answer of await Promise.all(refused)) {
        const message = /^Too many requests, please try again later\.$/
        expectFailure(answer, { code: 429, reason: 'TooManyRequests', message })
        assert.equal(answer.headers['retry-after'], '1')
      }
      expectObject(await api.get(widgetsThere))
      expectObject(await api.post(widgetsThere, body), 201)
    },
  },
  {
    number: 198,
    sentence: 'A request that takes longer than it may is 504, and the server serves on.',
    needs: 'another',
    play: async ({ control }) => {
      await using server = await control('another')(['--request-timeout', '2s', '--write-timeout', '1s'])
      const { api } = server
      const tooLong = 'Timeout: request did not complete within requested timeout - context deadline exceeded'
      const allotted = 'Timeout: request did not complete within the allotted timeout'
      const [written, swept] = await Promise.all([trickling(api, 'POST'), trickling(api, 'DELETE')])
      assert.match(written, /^HTTP\/1\.1 504 /)
      assert.ok(written.includes(`"message":"${tooLong}","reason":"Timeout"`), written)
      assert.match(swept, /^HTTP\/1\.1 504 /)
      assert.ok(swept.includes(`"message":"${allotted}","reason":"Timeout"`), swept)
      expectObject(await api.get(widgetsThere))
    },
  },
  {
    number: 203,
    sentence: 'A connection on which nothing happens for a minute and a half still serves.',
    play: async ({ api, target, watch, widgets }) => {
      using plain = await RawConnection.open(api)
      using streams = await Http2Connection.open(api)
      const ask = `GET ${widgets} HTTP/1.1\r\nHost: localhost\r\n\r\n`
      const answered = (count: number) => (text: string) => text.split('"kind":"WidgetList"').length > count
      plain.send(ask)
      await plain.until(answered(1))
      assert.equal((await streams.get(widgets)).status, 200)
      const seconds = target.isPatient ? idleSeconds.patient : idleSeconds.hurried
      const wait = await watch(`${widgets}?watch=true&timeoutSeconds=${seconds}`)
      assert.deepEqual(await wait.rest((seconds + 10) * 1000), [])
      plain.send(ask)
      await plain.until(answered(2))
      assert.equal((await streams.get(widgets)).status, 200)
    },
  },
  {
    number: 204,
    sentence: 'A user of so many groups that they take 32 KiB is served.',
    play: async (scene) => {
      const { api, widgets } = scene
      const headers = manyGroups()
      assert.ok(JSON.stringify(headers).length > 32 * 1024)
      expectObject(await api.call('GET', widgets, { headers }))
      using connection = await Http2Connection.open(api)
      const answer = await connection.get(widgets, headers)
      assert.equal(answer.status, 200, answer.text)
      await expectStillForbidden(scene, headers)
    },
  },
]

function manyGroups(): Readonly<Record<string, string | string[]>> {
  const groups = Array.from({ length: 512 }, (_, index) => `group-${index}-${'x'.repeat(60)}`)
  return { 'impersonate-user': 'ann', 'impersonate-group': ['system:masters', ...groups] }
}

/** All the groups arrive: without the one that counts there is nothing to see. */
async function expectStillForbidden({ api, widgets }: Scene, headers: ReturnType<typeof manyGroups>): Promise<void> {
  const groups = [headers['impersonate-group']].flat().filter((group) => group !== undefined)
  const others = { ...headers, 'impersonate-group': groups.slice(1) }
  expectFailure(await api.call('GET', widgets, { headers: others }), { code: 403, reason: 'Forbidden' })
}

/** The answer to a request whose body never ends. */
async function trickling(api: ApiClient, method: string): Promise<string> {
  using connection = await RawConnection.open(api)
  connection.send(`${method} ${widgetsThere} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{`)
  return await connection.until((text) => text.includes('"code":504'))
}

import assert from 'node:assert/strict'
import { ApiClient } from '../../../support/api-client.ts'
import { expectObject } from '../../expect.ts'
import type { Statement } from '../../statement.ts'

export const health: readonly Statement[] = [
  {
    number: 195,
    sentence: 'Health is told in text to everybody: in a word, check by check, without some, or of one.',
    play: async ({ api, isNative }) => {
      await using nobody = new ApiClient(api.server, { ca: api.tls.ca })
      for (const endpoint of ['healthz', 'livez', 'readyz']) {
        const get = (rest: string) => textOf(nobody, `/${endpoint}${rest}`)
        assert.equal(await get(''), 'ok')
        // Where the rules of a cluster hold nobody may ask for a single check, and its answer lacks a header.
        if (isNative) assert.equal(await get('/ping'), 'ok')
        else assert.equal((await api.get(`/${endpoint}/ping`)).text, 'ok')
        assert.equal(await get('?exclude=ping'), 'ok')
        const verbose = await get('?verbose')
        assert.match(verbose, new RegExp(`^(\\[\\+\\]\\S+ ok\\n)+${endpoint} check passed\\n$`))
        assert.ok(verbose.includes('[+]ping ok\n'))
        const excluded = verbose.replace('[+]ping ok\n', '[+]ping excluded: ok\n')
        assert.equal(await get('?verbose&exclude=ping'), excluded)
        const warning = 'warn: some health checks cannot be excluded: no matches for "other"\n'
        const last = `${endpoint} check passed\n`
        assert.equal(await get('?verbose=&exclude=ping&exclude=other'), excluded.replace(last, warning + last))
        assert.equal((await (isNative ? nobody : api).get(`/${endpoint}/other`)).status, 404)
      }
      assert.match(await textOf(nobody, '/readyz?verbose'), /^\[\+\]shutdown ok$/m)
      assert.doesNotMatch(await textOf(nobody, '/livez?verbose'), /shutdown/)
    },
  },
  {
    number: 202,
    sentence: 'While a server ends and starts, nothing that there is is ever 404: what is not served is 503.',
    needs: 'restart',
    alone: true,
    play: async ({ api, control, create, widgets }) => {
      const created = (await create('a')).json
      let isOver = false
      const restarted = control('restart')().finally(() => (isOver = true))
      while (!isOver) {
        for (const path of [`${widgets}/a`, '/apis/example.com/v1', '/livez']) {
          const answer = await api.get(path).catch(() => undefined)
          if (answer === undefined || answer.status === 200) continue
          assert.equal(answer.status, 503, path)
          assert.equal(answer.json['reason'], 'ServiceUnavailable')
          assert.equal(answer.headers['retry-after'], '1')
        }
      }
      await restarted
      assert.deepEqual(expectObject(await api.get(`${widgets}/a`)), created)
    },
  },
]

async function textOf(api: ApiClient, path: string): Promise<string> {
  const { status, headers, text } = await api.get(path)
  assert.equal(status, 200, text)
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  return text
}

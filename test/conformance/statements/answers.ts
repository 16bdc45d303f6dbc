import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../expect.ts'
import type { Scene } from '../scene.ts'
import type { Statement } from '../statement.ts'
import type { ApiAnswer, ApiRequestOptions } from '../../support/api-client.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const mergePatch = 'application/merge-patch+json'

/** What every answer has, good or bad. */
export const answers: readonly Statement[] = [
  {
    number: 10,
    sentence: 'Every answer has an audit id: the one that the client sent, or a new one.',
    play: async (scene) => {
      const seen = (await answersOfAllSorts(scene, {})).map(({ headers }) => String(headers['audit-id']))
      for (const id of seen) assert.match(id, uuid)
      assert.equal(new Set(seen).size, seen.length, 'no id is given twice')
      const mine = { 'audit-id': `mine-${scene.prefix}` }
      for (const { headers } of await answersOfAllSorts(scene, mine))
        assert.equal(headers['audit-id'], mine['audit-id'])
      const stream = await scene.watch(`${scene.widgets}?watch=true`, mine)
      assert.equal(stream.headers['audit-id'], mine['audit-id'])
    },
  },
  {
    number: 11,
    sentence: 'No answer about objects may be kept by caches.',
    play: async (scene) => {
      const all = [...(await answersOfAllSorts(scene, {})), await scene.watch(`${scene.widgets}?watch=true`)]
      for (const { headers } of all) assert.equal(headers['cache-control'], 'no-cache, private')
    },
  },
  {
    number: 12,
    sentence: 'Parameters that the server does not know change nothing.',
    play: async ({ api, widgets, widget, watch }) => {
      const query = 'colour=green&=&includeObject=Nothing&%00'
      const created = expectObject(await api.post(`${widgets}?${query}`, widget('x', { spec: { size: 1 } })), 201)
      assert.deepEqual(expectObject(await api.get(`${widgets}/x?${query}`)), created)
      assert.deepEqual(expectObject(await api.get(`${widgets}?${query}`))['items']?.['length'], 1)
      const patch = { body: { spec: { size: 2 } }, contentType: mergePatch }
      const patched = expectObject(await api.call('PATCH', `${widgets}/x?${query}`, patch))
      assert.deepEqual(patched['spec'], { size: 2 })
      assert.equal((await (await watch(`${widgets}?watch=1&${query}`)).next()).type, 'ADDED')
      expectObject(await api.call('DELETE', `${widgets}/x?${query}`))
    },
  },
  {
    number: 13,
    sentence: 'JSON is indented where it is asked for, and unasked for people.',
    play: async ({ api, create, widgets }) => {
      await create('x', { spec: { tags: ['a'] } })
      for (const path of [`${widgets}/x`, widgets, `${widgets}/missing`]) {
        const get = (query: string, agent: string, headers = {}): Promise<ApiAnswer> =>
          api.call('GET', `${path}${query}`, { headers: { 'user-agent': agent, ...headers } })
        for (const agent of ['curl/8.5.0', 'Wget/1.21', 'Mozilla/5.0 (X11)']) expectIndented(await get('', agent))
        for (const query of ['?pretty=true', '?pretty=1']) expectIndented(await get(query, 'tester/1.0'))
        expectIndented(await get('', 'tester/1.0', { accept: 'application/json;pretty=1' }))
        for (const query of ['?pretty=false', '?pretty=0']) expectCompact(await get(query, 'curl/8.5.0'))
        for (const agent of ['tester/1.0', 'libcurl/8']) expectCompact(await get('', agent))
      }
    },
  },
  {
    number: 14,
    sentence: 'A timeout that is no duration is 400, but of no matter to a watch.',
    play: async ({ api, create, widgets, widget, watch }) => {
      await create('x')
      const refusal = {
        code: 400,
        reason: 'BadRequest',
        message: /^invalid timeout specified in the request URL/,
      }
      for (const path of [`${widgets}/x`, widgets, '/apis/example.com/v1']) {
        expectFailure(await api.get(`${path}?timeout=abc`), refusal)
        expectObject(await api.get(`${path}?timeout=1m0s`))
      }
      expectFailure(await api.post(`${widgets}?timeout=abc`, widget('y')), refusal)
      assert.equal((await api.get(`${widgets}/y`)).status, 404)
      assert.equal((await watch(`${widgets}?watch=true&timeout=abc`)).status, 200)
    },
  },
  {
    number: 15,
    sentence: 'One who may not look is told so, and not what is there.',
    play: async (scene) => {
      await scene.create('x')
      const { namespace, widgets } = scene
      const inNamespace = ` in the namespace "${namespace}"`
      await expectForbidden(scene, `${widgets}/missing`, { verb: 'get', name: 'missing', scope: inNamespace })
      await expectForbidden(scene, `${widgets}/x`, { verb: 'get', name: 'x', scope: inNamespace })
      await expectForbidden(scene, widgets, { verb: 'list', scope: inNamespace })
      await expectForbidden(scene, '/apis/example.com/v1/widgets', { verb: 'list', scope: ' at the cluster scope' })
      const headers = { 'impersonate-user': nobody }
      const unknown = await scene.api.call('GET', '/apis/example.com/v1/gadgets/x', { headers })
      expectFailure(unknown, { code: 403, reason: 'Forbidden' })
    },
  },
]

const nobody = 'conformance-nobody'

interface Refused {
  readonly verb: string
  readonly name?: string
  readonly scope: string
}

async function expectForbidden({ api }: Scene, path: string, { verb, name, scope }: Refused): Promise<void> {
  const answer = await api.call('GET', path, { headers: { 'impersonate-user': nobody } })
  const object = `widgets.example.com${name === undefined ? '' : ` "${name}"`}`
  const why = `User "${nobody}" cannot ${verb} resource "widgets" in API group "example.com"${scope}`
  const details = { ...(name !== undefined && { name }), group: 'example.com', kind: 'widgets' }
  const status = expectFailure(answer, { code: 403, reason: 'Forbidden', details })
  assert.ok(String(status['message']).startsWith(`${object} is forbidden: ${why}`), answer.text)
  assert.equal(answer.headers['x-content-type-options'], 'nosniff')
}

/** Of reads, writes and refusals; the scene has what it had before. */
async function answersOfAllSorts(
  { api, widgets, widget }: Scene,
  headers: Record<string, string>,
): Promise<readonly ApiAnswer[]> {
  const requests: readonly Request[] = [
    ['POST', widgets, { body: widget('a') }],
    ['POST', widgets, { body: widget('a') }],
    ['POST', widgets, { body: '{' }],
    ['GET', `${widgets}/a`],
    ['GET', `${widgets}/missing`],
    ['GET', widgets],
    ['GET', `${widgets}?limit=many`],
    ['PATCH', `${widgets}/a`, { body: {}, contentType: mergePatch }],
    ['PATCH', `${widgets}/a`, { body: {}, contentType: 'text/plain' }],
    ['DELETE', `${widgets}/a`],
    ['DELETE', widgets],
  ]
  const all: ApiAnswer[] = []
  for (const [method, path, options] of requests) all.push(await api.call(method, path, { ...options, headers }))
  return all
}

type Request = readonly [method: string, path: string, options?: ApiRequestOptions]

function expectIndented({ text, json }: ApiAnswer): void {
  assert.equal(text, JSON.stringify(json, null, 2))
}

function expectCompact({ text, json }: ApiAnswer): void {
  assert.equal(text, `${JSON.stringify(json)}\n`)
}

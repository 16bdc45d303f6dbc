import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../expect.ts'
import type { Scene } from '../scene.ts'
import type { Statement } from '../statement.ts'
import type { ApiAnswer } from '../../support/api-client.ts'

const notFound = {
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
  details: {},
}
const notAllowed = {
  code: 405,
  reason: 'MethodNotAllowed',
  message: 'the server does not allow this method on the requested resource',
  details: {},
}

/** What the router of custom resources answers: no Status. */
function expectPlainNotFound(answer: ApiAnswer): void {
  assert.equal(answer.status, 404)
  assert.equal(answer.text, '404 page not found\n')
}

export const routing: readonly Statement[] = [
  {
    number: 2,
    sentence: 'An unknown resource is 404 with a Status that says so and names nothing.',
    play: async ({ api, create, widgets, isNative }) => {
      await create('x')
      const unknown = ['/apis/example.com/v1/gadgets', '/apis/example.com/v9/widgets', '/apis/example.com/v1/gadgets/x']
      for (const path of unknown) {
        if (isNative) expectFailure(await api.get(path), notFound)
        else expectPlainNotFound(await api.get(path))
      }
      const subresource = await api.get(`${widgets}/x/gadget`)
      if (!isNative) return void expectFailure(subresource, { code: 404, message: 'widgets.example.com "x" not found' })
      expectFailure(subresource, notFound)
      expectFailure(await api.get(`${widgets}/x/status/more`), notFound)
      expectFailure(await api.get('/nowhere/at/all'), notFound)
    },
  },
  {
    number: 3,
    sentence: 'Nothing is created on the path of all namespaces.',
    play: async (scene) => {
      const { api, widget, namespace } = scene
      const answer = await api.post('/apis/example.com/v1/widgets', widget('x', { metadata: { namespace } }))
      expectNoWriting(scene, answer)
      assert.equal((await api.get(`${scene.widgets}/x`)).status, 404)
    },
  },
  {
    number: 4,
    sentence: 'HEAD is not a method of objects.',
    play: async ({ api, create, widgets, isNative }) => {
      await create('x')
      for (const path of [widgets, `${widgets}/x`]) {
        const answer = await api.call('HEAD', path)
        assert.equal(answer.status, isNative ? 405 : 200)
        assert.equal(answer.text, '')
      }
    },
  },
  {
    number: 5,
    sentence: 'The objects of all namespaces are not deleted at once.',
    play: async (scene) => {
      await scene.create('x')
      const mine = `fieldSelector=metadata.namespace%3D${scene.namespace}`
      expectNoWriting(scene, await scene.api.call('DELETE', `/apis/example.com/v1/widgets?${mine}`))
      expectObject(await scene.api.get(`${scene.widgets}/x`))
    },
  },
  {
    number: 6,
    sentence: 'A collection is neither replaced nor patched.',
    play: async ({ api, widgets, clusterWidgets, widget, isNative }) => {
      const refusal = isNative ? notAllowed : { code: 400, reason: 'BadRequest', message: 'name must be provided' }
      const patch = { body: {}, contentType: 'application/merge-patch+json' }
      for (const path of [widgets, clusterWidgets]) {
        expectFailure(await api.call('PUT', path, { body: widget('x') }), refusal)
        expectFailure(await api.call('PATCH', path, patch), refusal)
      }
    },
  },
  {
    number: 7,
    sentence: 'A slash at the end of a path never leads elsewhere.',
    play: async ({ api, create, widgets, clusterWidgets }) => {
      await create('x')
      const discovery = ['/apis', '/apis/example.com', '/apis/example.com/v1', '/openapi/v2', '/openapi/v3']
      const resources = [widgets, `${widgets}/x`, `${widgets}/x/status`, clusterWidgets, '/apis/example.com/v1/widgets']
      for (const path of [...discovery, '/openapi/v3/apis/example.com/v1', ...resources]) {
        const { status, headers } = await api.get(`${path}/`)
        assert.ok(status < 300 || status > 399, `${path}/ is ${status}`)
        assert.equal(headers['location'], undefined)
      }
    },
  },
  {
    number: 8,
    sentence: 'A name of 253 characters with dots works in all item routes.',
    play: async ({ api, create, widgets }) => {
      const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(70)}`
      assert.equal(name.length, 253)
      const created = await create(name)
      expectObject(await api.get(`${widgets}/${name}`))
      expectObject(await api.get(`${widgets}/${name}/status`))
      for (const path of [`${widgets}/${name}`, `${widgets}/${name}/status`]) {
        expectObject(await api.call('PATCH', path, { body: {}, contentType: 'application/merge-patch+json' }))
        expectObject(await api.call('PUT', path, { body: created.json }))
      }
      expectObject(await api.call('DELETE', `${widgets}/${name}`))
    },
  },
  {
    number: 9,
    sentence: 'Names in paths are decoded once, and an encoded slash leads to no other object.',
    play: async ({ api, create, widgets, isNative }) => {
      const { uid } = (await create('x')).json['metadata'] ?? {}
      assert.deepEqual(expectObject(await api.get(`${widgets}/%78`))['metadata']?.['uid'], uid)
      const twice = await api.get(`${widgets}/%2578`)
      assert.ok([400, 404].includes(twice.status))
      assert.match(String(twice.json['message']), /"%78"/)
      if (!isNative) return void expectObject(await api.get(`${widgets}/x%2Fstatus`))
      for (const path of [`${widgets}/x%2Fstatus`, `${widgets}%2Fx`, `${widgets}/y%2F..%2Fx`, `${widgets}/..%2Fx`]) {
        for (const method of ['GET', 'DELETE']) {
          const answer = await api.call(method, path)
          assert.ok([400, 404].includes(answer.status), `${method} ${path} is ${answer.status}`)
        }
      }
      assert.deepEqual(expectObject(await api.get(`${widgets}/x`))['metadata']?.['uid'], uid)
    },
  },
]

function expectNoWriting({ isNative }: Scene, answer: ApiAnswer): void {
  if (isNative) expectFailure(answer, notAllowed)
  else expectPlainNotFound(answer)
}

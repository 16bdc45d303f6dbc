import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../../expect.ts'
import { expectInvalid } from '../../expect-invalid.ts'
import type { Statement } from '../../statement.ts'

const bodyBytesMax = 3 * 1024 * 1024

/** What is no object of the path's type. */
export const bodies: readonly Statement[] = [
  {
    number: 27,
    sentence: 'A body of another API version than the path is refused.',
    play: async ({ api, widgets, widget }) => {
      for (const apiVersion of ['example.com/v1beta1', 'example.com/v2']) {
        const expected = 'does not match the expected API version (example.com/v1)'
        expectFailure(await api.post(widgets, { ...widget('x'), apiVersion }), {
          code: 400,
          reason: 'BadRequest',
          message: `the API version in the data (${apiVersion}) ${expected}`,
        })
      }
      for (const apiVersion of ['other.example/v1', 'v1', 'a/b/c']) {
        expectFailure(await api.post(widgets, { ...widget('x'), apiVersion }), { code: 400, reason: 'BadRequest' })
      }
      assert.equal((await api.get(`${widgets}/x`)).status, 404)
    },
  },
  {
    number: 28,
    sentence: 'A body of another kind than the path is refused.',
    play: async ({ api, widgets, widget, isNative }) => {
      const answer = await api.post(widgets, { ...widget('x'), kind: 'Gadget' })
      if (isNative) {
        const message = /^Gadget in version "v1" cannot be handled as a Widget: /
        expectFailure(answer, { code: 400, reason: 'BadRequest', message })
      } else {
        const message = 'Invalid value: "Gadget": must be Widget'
        const causes = [{ field: 'kind', reason: 'FieldValueInvalid', message }]
        expectInvalid(answer, { kind: 'Gadget', name: 'x', causes })
      }
      assert.equal((await api.get(`${widgets}/x`)).status, 404)
    },
  },
  {
    number: 29,
    sentence: 'A body that is empty, cut short or no object is refused.',
    play: async ({ api, widgets }) => {
      const text = /^the object provided is unrecognized \(must be of type Widget\): /
      const cut = '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"x"'
      for (const body of ['', '[]', '"x"', '7', cut, `${cut}}}}`]) {
        const answer = await api.call('POST', widgets, { body })
        expectFailure(answer, { code: 400, reason: 'BadRequest', message: text })
        if (body === '') assert.match(String(answer.json['message']), /\(<empty>\)$/)
      }
      const yaml = await api.call('POST', widgets, { body: 'a: [b', contentType: 'application/yaml' })
      expectFailure(yaml, { code: 400, reason: 'BadRequest' })
      assert.deepEqual(expectObject(await api.get(widgets))['items'], [])
    },
  },
  {
    number: 30,
    sentence: 'A body has at most 3 MiB.',
    play: async ({ api, widgets, widget }) => {
      const body = (name: string, size: number): string => JSON.stringify(widget(name)).padEnd(size, ' ')
      expectFailure(await api.post(widgets, body('x', bodyBytesMax + 1)), {
        code: 413,
        reason: 'RequestEntityTooLarge',
        message: `Request entity too large: limit is ${bodyBytesMax}`,
      })
      assert.equal((await api.get(`${widgets}/x`)).status, 404)
      expectObject(await api.post(widgets, body('y', bodyBytesMax)), 201)
    },
  },
]

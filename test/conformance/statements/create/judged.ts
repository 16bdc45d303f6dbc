import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../../expect.ts'
import { expectInvalid } from '../../expect-invalid.ts'
import type { Statement } from '../../statement.ts'

const accepted = 'accepted media types include: application/json, application/yaml'
const unknownFormat = new RegExp(`^the body of the request was in an unknown format - ${accepted}`)

/** What is said of a body as a whole: where it goes, all that is wrong, and in which form it comes. */
export const judged: readonly Statement[] = [
  {
    number: 38,
    sentence: 'Nothing is created in a namespace that is not there.',
    play: async ({ api, widget, prefix }) => {
      const name = `${prefix}-missing`
      const answer = await api.post(`/apis/example.com/v1/namespaces/${name}/widgets`, widget('x'))
      expectFailure(answer, {
        code: 404,
        reason: 'NotFound',
        message: `namespaces "${name}" not found`,
        details: { name, kind: 'namespaces' },
      })
    },
  },
  {
    number: 40,
    sentence: 'All that is wrong with an object is told at once.',
    play: async ({ api, widgets, widget }) => {
      const part = { name: 'a' }
      const wrong = widget('x', { metadata: { labels: { a: 'b c' } }, spec: { size: 1001, parts: [part, part] } })
      const range = 'Invalid value: 1001: spec.size in body should be less than or equal to 1000'
      const duplicate = 'Duplicate value: {"name":"a"}'
      const causes = [
        { field: 'metadata.labels', reason: 'FieldValueInvalid', message: /^Invalid value: "b c": / },
        { field: 'spec.size', reason: 'FieldValueInvalid', message: range },
        { field: 'spec.parts[1]', reason: 'FieldValueDuplicate', message: duplicate },
      ]
      expectInvalid(await api.post(widgets, wrong), { name: 'x', causes })
      assert.equal((await api.get(`${widgets}/x`)).status, 404)
    },
  },
  {
    number: 41,
    sentence: 'A body is JSON or YAML; any other is 415 with the list of what is taken.',
    play: async ({ api, widgets, widget }) => {
      const yaml = '# A widget.\napiVersion: example.com/v1\nkind: Widget\nmetadata: {name: x}\nspec:\n  size: 3\n'
      const created = await api.call('POST', widgets, { body: yaml, contentType: 'application/yaml' })
      assert.deepEqual(expectObject(created, 201)['spec'], { size: 3 })
      assert.equal(created.headers['content-type'], 'application/json')
      const types = ['text/plain', 'application/merge-patch+json', 'application/xml', 'json', 'application/x-yaml']
      for (const contentType of types) {
        expectFailure(await api.call('POST', widgets, { body: widget('y'), contentType }), {
          code: 415,
          reason: 'UnsupportedMediaType',
          message: unknownFormat,
        })
      }
      assert.equal((await api.get(`${widgets}/y`)).status, 404)
      const unasked = { headers: { 'content-type': 'json' } }
      expectObject(await api.call('DELETE', `${widgets}/x`, unasked), 200)
      const contentType = 'Application/JSON; charset=utf-8'
      expectObject(await api.call('POST', widgets, { body: widget('z'), contentType }), 201)
    },
  },
  {
    number: 42,
    sentence: 'A body without a Content-Type is JSON.',
    play: async ({ api, widgets, widget }) => {
      expectObject(await api.call('POST', widgets, { body: widget('x'), contentType: 'none' }), 201)
      expectObject(await api.call('POST', widgets, { body: widget('y'), contentType: '' }), 201)
    },
  },
]

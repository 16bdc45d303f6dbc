import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../../expect.ts'
import { expectInvalid } from '../../expect-invalid.ts'
import type { Statement } from '../../statement.ts'
import { warningsOf } from '../../warnings.ts'

const refused = 'Widget in version "v1" cannot be handled as a Widget: strict decoding error: '

/** A widget in JSON as it stands: objects of JavaScript have no member twice. */
function text(name: string, members: string): string {
  return `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"${name}"},${members}}`
}

const twice = '"spec":{"size":1,"size":2}'

/** Fields that the kind does not have, and fields given twice. */
export const strictness: readonly Statement[] = [
  {
    number: 43,
    sentence: 'An unknown field is dropped with a warning, if nothing else is asked for.',
    play: async ({ api, widgets }) => {
      for (const query of ['', '?fieldValidation=Warn']) {
        const name = query === '' ? 'x' : 'y'
        const body = text(name, '"spec":{"foo":1,"size":2,"parts":[{"name":"a","bar":{}}]}')
        const answer = await api.post(`${widgets}${query}`, body)
        const spec = { size: 2, parts: [{ name: 'a' }] }
        assert.deepEqual(expectObject(answer, 201)['spec'], spec)
        assert.deepEqual([...warningsOf(answer)].sort(), [
          'unknown field "spec.foo"',
          'unknown field "spec.parts[0].bar"',
        ])
        assert.deepEqual(expectObject(await api.get(`${widgets}/${name}`))['spec'], spec)
      }
    },
  },
  {
    number: 44,
    sentence: 'An unknown field is refused where strict validation is asked for.',
    play: async ({ api, widgets }) => {
      const answer = await api.post(`${widgets}?fieldValidation=Strict`, text('x', '"spec":{"foo":1,"size":2}'))
      const message = `${refused}unknown field "spec.foo"`
      expectFailure(answer, { code: 400, reason: 'BadRequest', message })
      assert.equal((await api.get(`${widgets}/x`)).status, 404)
      const both = await api.post(`${widgets}?fieldValidation=Strict`, text('x', '"spec":{"foo":1,"bar":1}'))
      for (const field of ['spec.foo', 'spec.bar'])
        assert.ok(String(both.json['message']).includes(`unknown field "${field}"`))
      expectObject(await api.post(`${widgets}?fieldValidation=Strict`, text('x', '"spec":{"size":2}')), 201)
    },
  },
  {
    number: 45,
    sentence: 'A field given twice is refused by strict validation; else the last one counts, with a warning.',
    play: async ({ api, widgets }) => {
      const strict = await api.post(`${widgets}?fieldValidation=Strict`, text('x', twice))
      expectFailure(strict, { code: 400, reason: 'BadRequest', message: `${refused}duplicate field "spec.size"` })
      assert.equal((await api.get(`${widgets}/x`)).status, 404)
      const warned = await api.post(widgets, text('x', twice))
      assert.deepEqual(expectObject(warned, 201)['spec'], { size: 2 })
      assert.deepEqual(warningsOf(warned), ['duplicate field "spec.size"'])
      const yaml = 'apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: x\nspec:\n  size: 1\n  size: 2\n'
      const contentType = 'application/yaml'
      const inYaml = await api.call('POST', `${widgets}?fieldValidation=Strict`, { body: yaml, contentType })
      expectFailure(inYaml, { code: 400, message: /strict decoding error: .*line 7: key "size" already set in map/s })
    },
  },
  {
    number: 46,
    sentence: 'Nothing is said of unknown fields where that is asked for; what else may be asked is 422.',
    play: async ({ api, widgets }) => {
      const answer = await api.post(
        `${widgets}?fieldValidation=Ignore`,
        text('x', '"spec":{"foo":1,"size":1,"size":2}'),
      )
      assert.deepEqual(expectObject(answer, 201)['spec'], { size: 2 })
      assert.deepEqual(warningsOf(answer), [])
      for (const value of ['x', 'strict']) {
        const supported = 'supported values: "", "Ignore", "Strict", "Warn"'
        const message = `Unsupported value: "${value}": ${supported}`
        expectInvalid(await api.post(`${widgets}?fieldValidation=${value}`, text('y', '"spec":{}')), {
          group: 'meta.k8s.io',
          kind: 'CreateOptions',
          name: '',
          causes: [{ field: 'fieldValidation', reason: 'FieldValueNotSupported', message }],
        })
      }
      assert.equal((await api.get(`${widgets}/y`)).status, 404)
    },
  },
]

import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { warningsOf } from '../../warnings.ts'

const head = '{"apiVersion":"example.com/v1","kind":"Widget"'
const largest = 2n ** 53n - 1n

/** Values that a careless server would spoil. */
export const values: readonly Statement[] = [
  {
    number: 49,
    sentence: 'A 64-bit integer comes back digit by digit, or is refused as a whole: it is never rounded.',
    play: async (scene) => {
      for (const serial of [largest, -largest, 0n]) {
        assert.equal(await storedSerial(scene, String(serial)), String(serial))
      }
      for (const serial of ['9007199254740993', '9223372036854775807', '-9223372036854775808']) {
        const stored = await storedSerial(scene, serial)
        assert.ok(stored === serial || stored === undefined, `${serial} became ${stored}`)
      }
    },
  },
  {
    number: 50,
    sentence: 'Names that mean something to JavaScript are names like any others.',
    play: async ({ api, create, widgets, widget }) => {
      const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype']
      const settings = '{"__proto__":"p","constructor":"c","toString":"t","hasOwnProperty":"h"}'
      const labels = Object.fromEntries(names.map((name) => [name, name]))
      await create('x', {
        metadata: { labels, annotations: labels },
        spec: { settings: JSON.parse(settings) as object },
      })
      const { text, json } = await api.get(`${widgets}/x`)
      assert.ok(text.includes('"__proto__":"p"'), text)
      assert.deepEqual(json['spec']?.['settings'], JSON.parse(settings))
      assert.deepEqual([json['metadata']?.['labels'], json['metadata']?.['annotations']], [labels, labels])
      const selected = expectObject(await api.get(`${widgets}?labelSelector=constructor%3Dconstructor,!isPrototypeOf`))
      assert.equal(selected['items']?.['length'], 1)
      const body = '{"spec":{"settings":{"__proto__":null,"constructor":"d"}}}'
      const patch = { body, contentType: 'application/merge-patch+json' }
      const { spec } = expectObject(await api.call('PATCH', `${widgets}/x`, patch))
      assert.deepEqual(spec?.['settings'], { constructor: 'd', toString: 't', hasOwnProperty: 'h' })
      const unknown = await api.post(
        widgets,
        `${head},"metadata":{"name":"y"},"spec":{"__proto__":{"size":1},"valueOf":2}}`,
      )
      assert.deepEqual(expectObject(unknown, 201)['spec'], {})
      assert.deepEqual([...warningsOf(unknown)].sort(), [
        'unknown field "spec.__proto__"',
        'unknown field "spec.valueOf"',
      ])
      const plain = expectObject(await api.post(widgets, widget('z')), 201)
      assert.deepEqual(Object.keys(plain).sort(), ['apiVersion', 'kind', 'metadata'], 'nothing has spread')
    },
  },
]

/** How it lies there after it was written, patched and listed; undefined when it was refused. */
async function storedSerial({ api, widgets }: Scene, serial: string): Promise<string | undefined> {
  const name = `n${serial.replace('-', 'm')}`
  const created = await api.post(widgets, `${head},"metadata":{"name":"${name}"},"spec":{"serial":${serial}}}`)
  if (created.status !== 201) {
    expectFailure(created, { code: 400, reason: 'BadRequest' })
    assert.equal((await api.get(`${widgets}/${name}`)).status, 404)
    return undefined
  }
  const patch = { body: { metadata: { labels: { a: 'b' } } }, contentType: 'application/merge-patch+json' }
  const answers = [created, await api.call('PATCH', `${widgets}/${name}`, patch), await api.get(`${widgets}/${name}`)]
  const listed = await api.get(`${widgets}?fieldSelector=metadata.name%3D${name}`)
  const found = [...answers, listed].map(({ text }) => /"serial":(-?[\w.+]+)/.exec(text)?.[1])
  assert.equal(new Set(found).size, 1, found.join())
  return found[0]
}

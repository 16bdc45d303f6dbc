import assert from 'node:assert/strict'
import { patch, patchAs } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'

export const kindsOfPatch: readonly Statement[] = [
  {
    number: 87,
    sentence: 'A merge patch merges objects, replaces lists and removes what it says null of.',
    play: async ({ api, widgets, create }) => {
      await create('one', {
        metadata: { labels: { a: '1', b: '2' } },
        spec: { size: 1, owner: 'me', steps: ['x', 'y'] },
      })
      const path = `${widgets}/one`
      const metadata = { labels: { b: null, c: '3' } }
      const spec = { owner: null, steps: ['z'], settings: { k: 'v', gone: null }, parts: [{ name: 'p' }] }
      const patched = expectObject(await patch.merge(api, path, { metadata, spec }))
      assert.deepEqual(patched['metadata']?.['labels'], { a: '1', c: '3' })
      assert.deepEqual(patched['spec'], { size: 1, steps: ['z'], settings: { k: 'v' }, parts: [{ name: 'p' }] })
      const emptied = expectObject(await patch.merge(api, path, { spec: { settings: null, steps: [], parts: null } }))
      assert.deepEqual(emptied['spec'], { size: 1, steps: [] })
      assert.equal(expectObject(await patch.merge(api, path, { spec: null }))['spec'], undefined)
      await expectNoMergePatches({ api, path })
    },
  },
  {
    number: 88,
    sentence: 'A JSON patch adds, removes, replaces, moves, copies and tests, all of it or nothing.',
    play: async (scene) => {
      const { api, widgets, create } = scene
      const created = (await create('one', { metadata: { annotations: { a: '1' } }, spec: { steps: ['x', 'y'] } })).json
      const path = `${widgets}/one`
      await expectRefusedOperations(scene, path)
      assert.deepEqual(expectObject(await api.get(path)), created)
      const patched = expectObject(await patch.json(api, path, operations))
      const settings = { 'b/c': '1', 'd~e': '1' }
      assert.deepEqual(patched['spec'], { size: 5, owner: 'me', steps: ['a', 'x', 'last'], tags: ['x'], settings })
      assert.equal(patched['metadata']?.['annotations'], undefined)
    },
  },
  {
    number: 89,
    sentence: 'A JSON patch has at most 10000 operations; more are 413.',
    play: async ({ api, widgets, create }) => {
      await create('one')
      const test = { op: 'test', path: '/kind', value: 'Widget' }
      const most = Array.from({ length: 10_000 }, () => test)
      expectObject(await patch.json(api, `${widgets}/one`, most))
      const message = 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001'
      expectFailure(await patch.json(api, `${widgets}/one`, [...most, test]), {
        code: 413,
        reason: 'RequestEntityTooLarge',
        message,
      })
    },
  },
  {
    number: 90,
    sentence: 'A patch that cannot be read is 400.',
    play: async ({ api, widgets, create }) => {
      await create('one')
      for (const body of ['{', 'text', '{}', '"text"', '7', '[7]', '[["add"]]']) {
        const refused = await patch.json(api, `${widgets}/one`, body)
        expectFailure(refused, { code: 400, reason: 'BadRequest', message: /^error decoding patch: / })
      }
      await expectNoMergePatches({ api, path: `${widgets}/one` })
    },
  },
  {
    number: 91,
    sentence: 'A strategic merge patch is 415 with the types that are accepted; core kinds take it.',
    play: async ({ api, widgets, namespace, create }) => {
      await create('one')
      for (const path of [`${widgets}/one`, `${widgets}/one/status`]) {
        expectUnsupported(await patch.strategic(api, path, { spec: { size: 2 } }), customTypes)
      }
      const configMaps = `/api/v1/namespaces/${namespace}/configmaps`
      expectObject(await api.post(configMaps, { metadata: { name: 'one' }, data: { a: '1', b: '2' } }), 201)
      const body = { data: { a: null, c: '3' } }
      const patched = expectObject(await patch.strategic(api, `${configMaps}/one`, body))
      assert.deepEqual(patched['data'], { b: '2', c: '3' })
    },
  },
  {
    number: 92,
    sentence: 'A patch of a type that is none is 415 with the types that are accepted.',
    notForCustomResources: 'an unknown type is answered without the types that are accepted',
    play: async ({ api, widgets, namespace, create }) => {
      await create('one')
      for (const contentType of ['application/json', 'application/yaml', 'text/plain', 'application/merge-patch', '']) {
        const refused = await patchAs(api, `${widgets}/one`, { body: '{}', headers: { 'content-type': contentType } })
        expectUnsupported(refused, customTypes)
      }
      const path = `/api/v1/namespaces/${namespace}/configmaps/absent`
      expectUnsupported(await patchAs(api, path, { body: '{}', contentType: 'application/json' }), coreTypes)
    },
  },
  {
    number: 101,
    sentence: 'Parameters of the type of a patch do not matter.',
    play: async ({ api, widgets, create }) => {
      await create('one')
      for (const [type, body] of [
        ['application/merge-patch+json; charset=utf-8', { spec: { size: 2 } }],
        ['application/merge-patch+json;charset=UTF-8', { spec: { size: 2 } }],
        ['application/json-patch+json; charset=utf-8', [{ op: 'replace', path: '/spec/size', value: 2 }]],
      ] as const) {
        const patched = expectObject(await patchAs(api, `${widgets}/one`, { body, contentType: type }))
        assert.deepEqual(patched['spec'], { size: 2 })
      }
      const apply = 'application/apply-patch+yaml; charset=utf-8'
      const body = { apiVersion: 'example.com/v1', kind: 'Widget', spec: { owner: 'me' }, metadata: { name: 'one' } }
      expectObject(await patchAs(api, `${widgets}/one?fieldManager=m`, { body, contentType: apply }))
    },
  },
]

const operations = [
  { op: 'test', path: '/kind', value: 'Widget' },
  { op: 'test', path: '/spec/size', value: null },
  { op: 'add', path: '/spec/size', value: 4 },
  { op: 'replace', path: '/spec/size', value: 5 },
  { op: 'copy', from: '/spec/owner', path: '/spec/mode' },
  { op: 'replace', path: '/spec/owner', value: 'me' },
  { op: 'add', path: '/spec/steps/0', value: 'a' },
  { op: 'add', path: '/spec/steps/-', value: 'last' },
  { op: 'remove', path: '/spec/steps/-2' },
  { op: 'copy', from: '/spec/steps', path: '/spec/tags' },
  { op: 'remove', path: '/spec/tags/0' },
  { op: 'remove', path: '/spec/tags/-1' },
  { op: 'add', path: '/spec/settings', value: {} },
  { op: 'copy', from: '/metadata/annotations/a', path: '/spec/settings/b~1c' },
  { op: 'move', from: '/metadata/annotations/a', path: '/spec/settings/d~0e' },
]

const refusedOperations: readonly object[] = [
  { op: 'test', path: '/spec/steps/0', value: 'y' },
  { op: 'remove', path: '/spec/owner' },
  { op: 'replace', path: '/spec/owner/name', value: 'me' },
  { op: 'move', from: '/spec/owner', path: '/spec/mode' },
  { op: 'copy', from: '/spec/steps/2', path: '/spec/mode' },
  { op: 'add', path: '/spec/settings/a', value: 'b' },
  { op: 'add', path: '/spec/steps/7', value: 'x' },
  { op: 'frob', path: '/spec/steps/0', value: 'x' },
]

async function expectRefusedOperations({ api }: Scene, path: string): Promise<void> {
  const message = 'the server rejected our request due to an error in our request'
  for (const operation of refusedOperations) {
    const refused = await patch.json(api, path, [{ op: 'add', path: '/spec/size', value: 1 }, operation])
    expectFailure(refused, { code: 422, reason: 'Invalid', message, details: {} })
  }
}

async function expectNoMergePatches({ api, path }: { api: Scene['api']; path: string }): Promise<void> {
  for (const body of ['{', 'text', '[]', '"text"', '7']) {
    const refused = await patch.merge(api, path, body)
    expectFailure(refused, { code: 400, reason: 'BadRequest', message: /^error decoding patch: / })
  }
}

const jsonTypes = ['application/json-patch+json', 'application/merge-patch+json']
const customTypes = [...jsonTypes, 'application/apply-patch+yaml']
const coreTypes = [...jsonTypes, 'application/strategic-merge-patch+json', 'application/apply-patch+yaml']

function expectUnsupported(answer: Parameters<typeof expectFailure>[0], types: readonly string[]): void {
  const text = 'the body of the request was in an unknown format - accepted media types include:'
  const message = `${text} ${types.join(', ')}`
  const status = expectFailure(answer, { code: 415, reason: 'UnsupportedMediaType', message })
  assert.equal(status['details'], undefined)
}

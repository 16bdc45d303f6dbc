import assert from 'node:assert/strict'
import { generationOf, patch, put, versionOf } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { expectModified, expectSilent } from '../change.ts'

export const patched: readonly Statement[] = [
  {
    number: 96,
    sentence: 'A patch with an older resourceVersion is 409; without one, patches at the same time all succeed.',
    play: async (scene) => {
      const { api, widgets, create } = scene
      const created = (await create('one', { spec: { size: 1 } })).json
      const path = `${widgets}/one`
      const resourceVersion = versionOf(created)
      const now = expectObject(await patch.merge(api, path, { metadata: { resourceVersion }, spec: { size: 2 } }))
      for (const refused of await withOldVersion(scene, path, resourceVersion)) expectModified(refused, 'one')
      const test = { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }
      expectFailure(await patch.json(api, path, [test]), { code: 422, reason: 'Invalid', details: {} })
      assert.deepEqual(expectObject(await api.get(path)), now)
      await expectAllPatched(scene, path)
    },
  },
  {
    number: 97,
    sentence: 'A patch to another name or namespace is 400, to another uid 422.',
    notForCustomResources: 'their metadata is judged twice, and each error is told twice',
    play: async (scene) => {
      const { api, widgets, create } = scene
      const created = (await create('one')).json
      const uid = '00000000-0000-4000-8000-000000000000'
      await expectRefused(
        scene,
        { name: 'two' },
        {
          code: 400,
          message: 'the name of the object (two) does not match the name on the URL (one)',
        },
      )
      await expectRefused(
        scene,
        { namespace: 'another' },
        {
          code: 400,
          message: 'the namespace of the provided object does not match the namespace sent on the request',
        },
      )
      const immutable = `Invalid value: "${uid}": field is immutable`
      await expectRefused(
        scene,
        { uid },
        {
          code: 422,
          message: `Widget.example.com "one" is invalid: metadata.uid: ${immutable}`,
          details: {
            name: 'one',
            group: 'example.com',
            kind: 'Widget',
            causes: [{ reason: 'FieldValueInvalid', message: immutable, field: 'metadata.uid' }],
          },
        },
      )
      assert.deepEqual(expectObject(await api.get(`${widgets}/one`)), created)
    },
  },
  {
    number: 98,
    sentence: 'A patch of what is not there is 404, but for an apply to the object itself.',
    play: async ({ api, widgets, widget }) => {
      for (const path of [`${widgets}/absent`, `${widgets}/absent/status`]) {
        const answers = [
          await patch.merge(api, path, { spec: { size: 1 } }),
          await patch.json(api, path, [{ op: 'add', path: '/spec', value: {} }]),
          ...(path.endsWith('/status') ? [await patch.apply(api, `${path}?fieldManager=m`, widget('absent'))] : []),
        ]
        for (const answer of answers) {
          const details = { name: 'absent', group: 'example.com', kind: 'widgets' }
          const message = 'widgets.example.com "absent" not found'
          expectFailure(answer, { code: 404, reason: 'NotFound', message, details })
        }
      }
      assert.equal((await api.get(`${widgets}/absent`)).status, 404)
    },
  },
  {
    number: 99,
    sentence: 'A patch of the status changes nothing but the status; one of the object all but the status.',
    play: async (scene) => {
      const { api, widgets, create, widget } = scene
      await create('one', { metadata: { labels: { a: 'b' } }, spec: { size: 1 } })
      const path = `${widgets}/one`
      const both = { metadata: { labels: { a: 'c' } }, spec: { size: 2 }, status: { phase: 'Merged' } }
      await expectStatus(scene, await patch.merge(api, `${path}/status`, both), 'Merged')
      const json = [
        { op: 'replace', path: '/status/phase', value: 'Patched' },
        { op: 'replace', path: '/spec/size', value: 2 },
      ]
      await expectStatus(scene, await patch.json(api, `${path}/status`, json), 'Patched')
      const config = widget('one', { spec: { size: 2 }, status: { phase: 'Applied' } })
      const query = 'fieldManager=m&force=true'
      const last = await expectStatus(scene, await patch.apply(api, `${path}/status?${query}`, config), 'Applied')
      await expectSilent(scene, last, async () => [
        await patch.merge(api, path, { status: { phase: 'Main' } }),
        await patch.merge(api, `${path}/status`, { spec: { size: 3 } }),
      ])
    },
  },
  {
    number: 100,
    sentence: 'A patch to a field that there is not is 422 when strict, a warning by default, and nothing to ignore.',
    play: async ({ api, widgets, create }) => {
      const created = (await create('one', { spec: { size: 1 } })).json
      for (const { ask, finding } of strictCases) {
        const path = (mode: string): string => `${widgets}/one?fieldValidation=${mode}`
        const strict = await ask(api, path('Strict'))
        const message = new RegExp(`^ "" is invalid: patch: Invalid value: .*: strict decoding error: ${finding}$`, 's')
        expectFailure(strict, { code: 422, reason: 'Invalid', message })
        const quoted = finding.replaceAll('\\', '').replaceAll('"', '\\"')
        for (const answer of [await ask(api, path('Warn')), await ask(api, `${widgets}/one`)]) {
          expectObject(answer)
          assert.equal(answer.headers['warning'], `299 - "${quoted}"`)
        }
        assert.equal((await ask(api, path('Ignore'))).headers['warning'], undefined)
      }
      assert.deepEqual(expectObject(await api.get(`${widgets}/one`)), created)
    },
  },
  {
    number: 102,
    sentence: 'A patch that changes nothing changes no resourceVersion and is no event.',
    play: async (scene) => {
      const { api, widgets, create } = scene
      const created = (await create('one', { metadata: { labels: { a: 'b' } }, spec: { size: 1 } })).json
      const path = `${widgets}/one`
      await expectSilent(scene, created, async () => [
        await patch.merge(api, path, {}),
        await patch.merge(api, path, { spec: { size: 1 } }),
        await patch.merge(api, path, { metadata: { labels: { a: 'b', c: null } }, spec: { owner: null } }),
        await patch.merge(api, `${path}?fieldManager=another`, { spec: { size: 1 } }),
        await patch.json(api, path, []),
        await patch.json(api, path, [{ op: 'replace', path: '/spec/size', value: 1 }]),
        await patch.merge(api, `${path}?dryRun=All`, { spec: { size: 2 } }),
        await put(api, path, created),
      ])
    },
  },
]

function withOldVersion({ api, widget }: Scene, path: string, resourceVersion: string) {
  const replace = { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion }
  const config = widget('one', { metadata: { resourceVersion }, spec: { owner: 'me' } })
  return Promise.all([
    patch.merge(api, path, { metadata: { resourceVersion }, spec: { size: 3 } }),
    patch.merge(api, path, { metadata: { resourceVersion } }),
    patch.merge(api, `${path}/status`, { metadata: { resourceVersion }, status: { phase: 'Late' } }),
    patch.json(api, path, [replace, { op: 'replace', path: '/spec/size', value: 3 }]),
    patch.apply(api, `${path}?fieldManager=m&force=true`, config),
  ])
}

async function expectAllPatched({ api }: Scene, path: string): Promise<void> {
  const writers = Array.from({ length: 20 }, (_, index) => `w${index}`)
  const answers = await Promise.all(
    writers.map((writer, index) =>
      index % 2 === 0
        ? patch.merge(api, path, { metadata: { annotations: { [writer]: 'x' } } })
        : patch.json(api, path, [
            { op: 'test', path: '/kind', value: 'Widget' },
            { op: 'add', path: '/spec/size', value: index },
          ]),
    ),
  )
  assert.equal(new Set(answers.map((answer) => versionOf(expectObject(answer)))).size, writers.length)
  const { annotations } = expectObject(await api.get(path))['metadata'] ?? {}
  assert.equal(Object.keys(annotations ?? {}).length, writers.length / 2)
}

async function expectRefused(
  { api, widgets, widget }: Scene,
  metadata: object,
  failure: Parameters<typeof expectFailure>[1],
): Promise<void> {
  const [[member, value] = []] = Object.entries(metadata)
  const path = `${widgets}/one`
  const replaced = [{ op: 'replace', path: `/metadata/${member}`, value: value as unknown }]
  expectFailure(await patch.merge(api, path, { metadata }), failure)
  expectFailure(await patch.json(api, path, replaced), failure)
  expectFailure(await patch.apply(api, `${path}?fieldManager=m`, widget('one', { metadata })), failure)
}

async function expectStatus({ api, widgets }: Scene, answer: Awaited<ReturnType<typeof patch.merge>>, phase: string) {
  const object = expectObject(answer)
  assert.deepEqual(object['status'], { phase })
  assert.deepEqual(object['spec'], { size: 1 })
  assert.deepEqual(object['metadata']?.['labels'], { a: 'b' })
  assert.equal(generationOf(object), 1)
  assert.deepEqual(expectObject(await api.get(`${widgets}/one`)), object)
  return object
}

type Ask = (api: Scene['api'], path: string) => ReturnType<typeof patch.merge>

const strictCases: readonly { readonly ask: Ask; readonly finding: string }[] = [
  {
    ask: (api, path) => patch.merge(api, path, { spec: { foo: 1 } }),
    finding: 'unknown field "spec\\.foo"',
  },
  {
    ask: (api, path) => patch.merge(api, path, '{"spec":{"size":9,"size":1}}'),
    finding: 'duplicate field "spec\\.size"',
  },
  {
    ask: (api, path) => patch.json(api, path, [{ op: 'add', path: '/spec/foo', value: 1 }]),
    finding: 'unknown field "spec\\.foo"',
  },
  {
    ask: (api, path) => patch.json(api, path, [{ op: 'test', path: '/kind', value: 'Widget', foo: 1 }]),
    finding: 'json patch unknown field "\\[0\\]\\.foo"',
  },
]

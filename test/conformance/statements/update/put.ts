import assert from 'node:assert/strict'
import { asked, generationOf, isLater, put, versionOf, withMetadata } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Statement } from '../../statement.ts'
import { expectModified, expectSilent } from '../change.ts'

export const putting: readonly Statement[] = [
  {
    number: 71,
    sentence: 'PUT with the resourceVersion of now replaces the object, at a later one.',
    play: async ({ api, widgets, create }) => {
      const created = (await create('one', { metadata: { labels: { a: 'b' } }, spec: { size: 1, owner: 'me' } })).json
      const body = { ...withMetadata(created, { labels: { c: 'd' } }), spec: { size: 2 } }
      const updated = expectObject(await put(api, `${widgets}/one`, body))
      assert.ok(isLater(versionOf(updated), versionOf(created)))
      assert.deepEqual(updated['spec'], { size: 2 })
      assert.deepEqual(updated['metadata']?.['labels'], { c: 'd' })
      for (const member of ['uid', 'creationTimestamp', 'name', 'namespace']) {
        assert.equal(updated['metadata']?.[member], created['metadata']?.[member])
      }
      assert.deepEqual(expectObject(await api.get(`${widgets}/one`)), updated)
    },
  },
  {
    number: 72,
    sentence: 'PUT with a resourceVersion of before is 409 and changes nothing.',
    play: async ({ api, widgets, create }) => {
      const created = (await create('one', { spec: { size: 1 } })).json
      const updated = expectObject(await put(api, `${widgets}/one`, { ...created, spec: { size: 2 } }))
      expectModified(await put(api, `${widgets}/one`, { ...created, spec: { size: 3 } }), 'one')
      const later = String(BigInt(versionOf(updated)) + 1_000_000n)
      expectModified(await put(api, `${widgets}/one`, withMetadata(updated, { resourceVersion: later })), 'one')
      assert.deepEqual(expectObject(await api.get(`${widgets}/one`)), updated)
    },
  },
  {
    number: 74,
    sentence: 'PUT of what is there already changes no resourceVersion and is no event.',
    play: async (scene) => {
      const { api, widgets, create } = scene
      const created = (await create('one', { spec: { size: 1 } })).json
      await expectSilent(scene, created, async () => [
        await put(api, `${widgets}/one`, created),
        await put(api, `${widgets}/one?dryRun=All`, { ...created, spec: { size: 2 } }),
        await put(api, asked(`${widgets}/one`, { fieldManager: 'another' }), created),
      ])
    },
  },
  {
    number: 75,
    sentence: 'PUT of other labels, annotations or finalizers changes the resourceVersion and not the generation.',
    play: async ({ api, widgets, create }) => {
      let last = (await create('one', { spec: { size: 1 } })).json
      const changes = [{ labels: { a: 'b' } }, { annotations: { a: 'b' } }, { finalizers: ['example.com/a'] }]
      for (const change of [...changes, { finalizers: [] }]) {
        const next = expectObject(await put(api, `${widgets}/one`, withMetadata(last, change)))
        assert.ok(isLater(versionOf(next), versionOf(last)), JSON.stringify(change))
        assert.equal(generationOf(next), 1)
        last = next
      }
    },
  },
  {
    number: 76,
    sentence: 'PUT of another spec raises the generation by one, whatever generation is sent.',
    play: async (scene) => {
      const { api, widgets, create } = scene
      const created = (await create('one', { spec: { size: 1 } })).json
      const body = { ...withMetadata(created, { generation: 99 }), spec: { size: 2 } }
      const updated = expectObject(await put(api, `${widgets}/one`, body))
      assert.equal(generationOf(updated), 2)
      await expectSilent(scene, updated, async () => [
        await put(api, `${widgets}/one`, withMetadata(updated, { generation: 99 })),
        await put(api, `${widgets}/one`, withMetadata(updated, { generation: undefined })),
      ])
      const third = expectObject(await put(api, `${widgets}/one`, { ...updated, spec: {} }))
      assert.equal(generationOf(third), 3)
    },
  },
  {
    number: 77,
    sentence: 'PUT of another status on the main resource is none.',
    play: async (scene) => {
      const { api, widgets, create } = scene
      const created = (await create('one', { spec: { size: 1 } })).json
      const status = { phase: 'Sent', observedGeneration: 4 }
      await expectSilent(scene, created, async () => [await put(api, `${widgets}/one`, { ...created, status })])
      const set = expectObject(await put(api, `${widgets}/one/status`, { ...created, status: { phase: 'Set' } }))
      await expectSilent(scene, set, async () => [
        await put(api, `${widgets}/one`, { ...set, status }),
        await put(api, `${widgets}/one`, { ...set, status: undefined }),
      ])
    },
  },
  {
    number: 80,
    sentence: 'PUT of an object with another name or namespace than the path has, or without a name, is 400.',
    play: async ({ api, widgets, create }) => {
      const created = (await create('one')).json
      const cases = [
        [{ name: 'two' }, 'the name of the object (two) does not match the name on the URL (one)'],
        [
          { namespace: 'another' },
          'the namespace of the provided object does not match the namespace sent on the request',
        ],
        [{ name: undefined }, 'the name of the object (one based on URL) was undeterminable: name must be provided'],
      ] as const
      for (const [metadata, message] of cases) {
        const refused = await put(api, `${widgets}/one`, withMetadata(created, metadata))
        expectFailure(refused, { code: 400, reason: 'BadRequest', message })
      }
      expectObject(await put(api, `${widgets}/one`, withMetadata(created, { namespace: undefined })))
    },
  },
  {
    number: 82,
    sentence: 'PUT of what is not there is 404 and creates nothing.',
    play: async ({ api, widgets, widget }) => {
      const message = 'widgets.example.com "absent" not found'
      const details = { name: 'absent', group: 'example.com', kind: 'widgets' }
      for (const path of [`${widgets}/absent`, `${widgets}/absent/status`]) {
        const body = withMetadata(widget('absent') as never, { resourceVersion: '1' })
        expectFailure(await put(api, path, body), { code: 404, reason: 'NotFound', message, details })
      }
      assert.equal((await api.get(`${widgets}/absent`)).status, 404)
    },
  },
]

import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../../expect.ts'
import { expectInvalid } from '../../expect-invalid.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'

const createOptions = { group: 'meta.k8s.io', kind: 'CreateOptions', name: '' }

/** What the query of a POST may ask for beside field validation. */
export const options: readonly Statement[] = [
  {
    number: 47,
    sentence: 'A dry run answers as the write would, and leaves nothing behind.',
    play: async (scene) => {
      const { api, widgets, widget, create, watch } = scene
      const stream = await watch(`${widgets}?watch=true`)
      const answer = await api.post(`${widgets}?dryRun=All`, widget('x', { spec: { size: 1 } }))
      const { metadata, spec } = expectObject(answer, 201)
      assert.deepEqual(spec, { size: 1 })
      assert.match(String(metadata?.['uid']), /^[0-9a-f-]{36}$/)
      assert.match(String(metadata?.['creationTimestamp']), /Z$/)
      assert.equal(metadata?.['resourceVersion'], undefined)
      const named = await api.post(`${widgets}?dryRun=All&dryRun=All`, widget('', { metadata: { generateName: 'a-' } }))
      assert.match(String(expectObject(named, 201)['metadata']?.['name']), /^a-.{5}$/)
      assert.deepEqual(expectObject(await api.get(widgets))['items'], [])
      expectFailure(await api.post(`${widgets}?dryRun=All`, widget('y', { spec: { size: -1 } })), { code: 422 })
      await create('last')
      expectFailure(await api.post(`${widgets}?dryRun=All`, widget('last')), { code: 409, reason: 'AlreadyExists' })
      const { type, object } = await stream.next()
      assert.deepEqual([type, object['metadata']?.['name']], ['ADDED', 'last'], 'the dry runs were no events')
      await expectUnknownDryRun(scene)
    },
  },
  {
    number: 48,
    sentence: 'A field manager has a short printable name: the one of its program, if it says no other.',
    play: async ({ api, widgets, widget }) => {
      const post = (name: string, query: string, agent: string): ReturnType<typeof api.call> =>
        api.call('POST', `${widgets}${query}`, {
          body: widget(name, { spec: { size: 1 } }),
          headers: { 'user-agent': agent },
        })
      const managerOf = async (...request: Parameters<typeof post>): Promise<unknown> => {
        const { metadata } = expectObject(await post(...request), 201)
        return (metadata?.['managedFields'] as unknown as readonly { readonly manager: string }[])[0]?.manager
      }
      const tooLong = await post('x', `?fieldManager=${'m'.repeat(129)}`, 'tester')
      const message = 'Too long: may not be more than 128 bytes'
      expectInvalid(tooLong, {
        ...createOptions,
        causes: [{ field: 'fieldManager', reason: 'FieldValueTooLong', message }],
      })
      const unprintable = await post('x', '?fieldManager=a%07', 'tester')
      expectInvalid(unprintable, { ...createOptions, causes: [{ field: 'fieldManager', reason: 'FieldValueInvalid' }] })
      assert.equal((await api.get(`${widgets}/x`)).status, 404)
      assert.equal(await managerOf('a', `?fieldManager=${'m'.repeat(128)}`, 'tester'), 'm'.repeat(128))
      assert.equal(await managerOf('b', '?fieldManager=me', 'tester/1.0'), 'me')
      assert.equal(await managerOf('c', '', 'tester/1.0 (linux/amd64) kubernetes/abc'), 'tester')
      assert.equal(await managerOf('d', '', `${'u'.repeat(200)}/1.0`), 'u'.repeat(128))
    },
  },
]

async function expectUnknownDryRun({ api, widgets, widget }: Scene): Promise<void> {
  for (const [query, shown] of [
    ['dryRun=foo', '["foo"]'] as const,
    ['dryRun=All&dryRun=foo', '["All","foo"]'] as const,
  ]) {
    const message = `Unsupported value: ${shown}: supported values: "All"`
    expectInvalid(await api.post(`${widgets}?${query}`, widget('z')), {
      ...createOptions,
      causes: [{ field: 'dryRun', reason: 'FieldValueNotSupported', message }],
    })
  }
  assert.equal((await api.get(`${widgets}/z`)).status, 404)
}

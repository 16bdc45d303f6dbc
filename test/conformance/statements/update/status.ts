import assert from 'node:assert/strict'
import { listOf } from '../../../support/api-client.ts'
import { asked, generationOf, isLater, put, versionOf, withMetadata } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Statement } from '../../statement.ts'
import { expectModified, expectSilent } from '../change.ts'

export const statusWrites: readonly Statement[] = [
  {
    number: 78,
    sentence: 'PUT of the status changes the status and nothing else of the object.',
    play: async (scene) => {
      const { api, widgets, create } = scene
      const created = (await create('one', { metadata: { labels: { a: 'b' } }, spec: { size: 1 } })).json
      const body = { ...withMetadata(created, foreign), spec: { size: 2 }, status: { phase: 'Ready' } }
      const path = asked(`${widgets}/one/status`, { fieldManager: 'controller' })
      const written = expectObject(await put(api, path, body))
      assert.ok(isLater(versionOf(written), versionOf(created)))
      assert.equal(generationOf(written), 1)
      const { managedFields, resourceVersion } = written['metadata'] ?? {}
      const metadata = { ...(created['metadata'] as object), managedFields, resourceVersion }
      assert.deepEqual(written, { ...created, metadata, status: { phase: 'Ready' } })
      const entry = listOf(managedFields).find(({ manager }) => String(manager) === 'controller')
      assert.equal(entry?.['subresource'], 'status')
      assert.deepEqual(entry?.['fieldsV1'], { 'f:status': { '.': {}, 'f:phase': {} } })
      await expectSilent(scene, written, async () => [
        await put(api, path, written),
        await put(api, path, { ...written, spec: { size: 3 } }),
      ])
      const invalid = await put(api, path, { ...written, status: { phase: 7 } })
      expectFailure(invalid, { code: 422, reason: 'Invalid', message: /status\.phase: Invalid value: / })
      const bare = expectObject(await put(api, path, { ...written, status: undefined }))
      assert.equal(bare['status'], undefined)
    },
  },
  {
    number: 79,
    sentence: 'PUT of the status for an older state is 409: object and status have one resourceVersion.',
    play: async ({ api, widgets, create }) => {
      const created = (await create('one', { spec: { size: 1 } })).json
      const updated = expectObject(await put(api, `${widgets}/one`, { ...created, spec: { size: 2 } }))
      expectModified(await put(api, `${widgets}/one/status`, { ...created, status: { phase: 'Late' } }), 'one')
      const written = expectObject(await put(api, `${widgets}/one/status`, { ...updated, status: { phase: 'Set' } }))
      expectModified(await put(api, `${widgets}/one`, { ...updated, spec: { size: 3 } }), 'one')
      assert.deepEqual(expectObject(await api.get(`${widgets}/one`)), written)
    },
  },
]

/** What a write of the status must leave alone. */
const foreign = {
  labels: { c: 'd' },
  annotations: { c: 'd' },
  finalizers: ['example.com/stay'],
  ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '00000000-0000-4000-8000-000000000000' }],
  generation: 99,
}

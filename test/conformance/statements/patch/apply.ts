import assert from 'node:assert/strict'
import { listOf } from '../../../support/api-client.ts'
import { generationOf, patch, versionOf } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { expectSilent } from '../change.ts'

export const applying: readonly Statement[] = [
  {
    number: 93,
    sentence: 'force is for applies only: 422 on every other patch.',
    play: async ({ api, widgets, create }) => {
      await create('one')
      for (const force of ['true', 'false']) {
        const path = `${widgets}/one?force=${force}`
        const message = 'Forbidden: may not be specified for non-apply patch'
        for (const refused of [await patch.merge(api, path, {}), await patch.json(api, path, [])]) {
          expectOptionRefused(refused, { reason: 'FieldValueForbidden', message, field: 'force' })
        }
      }
    },
  },
  {
    number: 94,
    sentence: 'An apply names its manager, or is 422.',
    play: async ({ api, widgets, widget }) => {
      const message = 'Required value: is required for apply patch'
      for (const query of ['', '?fieldManager=', '?force=true']) {
        const refused = await patch.apply(api, `${widgets}/one${query}`, widget('one'))
        expectOptionRefused(refused, { reason: 'FieldValueRequired', message, field: 'fieldManager' })
      }
      assert.equal((await api.get(`${widgets}/one`)).status, 404)
    },
  },
  {
    number: 95,
    sentence: 'An apply creates what is not there with 201; again, it changes nothing.',
    play: async (scene) => {
      const { api, widgets, widget } = scene
      const path = `${widgets}/one?fieldManager=me`
      const config = widget('one', { metadata: { labels: { a: 'b' } }, spec: { size: 1, tags: ['x'] } })
      const dry = expectObject(await patch.apply(api, `${path}&dryRun=All`, config), 201)
      assert.equal(dry['metadata']?.['resourceVersion'], undefined)
      const created = expectObject(await patch.apply(api, path, config), 201)
      assert.equal(generationOf(created), 1)
      assert.equal(typeof (created['metadata']?.['uid'] as unknown), 'string')
      const [entry, ...others] = listOf(created['metadata']?.['managedFields'])
      assert.equal(others.length, 0)
      assert.match(String(entry?.['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      assert.deepEqual({ ...entry, time: '' }, ownedBy('me'))
      const rest = 'metadata:\n  labels: {a: b}\n  name: one\nspec:\n  size: 1\n  tags: [x]\n'
      const yaml = `apiVersion: example.com/v1\nkind: Widget\n${rest}`
      await expectSilent(scene, created, async () => [
        await patch.apply(api, path, config),
        await patch.apply(api, `${path}&force=true`, config),
        await patch.apply(api, path, yaml),
      ])
      const refused = await patch.apply(api, `${widgets}/absent/status?fieldManager=me`, widget('absent'))
      expectFailure(refused, { code: 404, reason: 'NotFound' })
      await expectShared(scene, config)
    },
  },
]

function expectOptionRefused(
  answer: Parameters<typeof expectFailure>[0],
  cause: { readonly reason: string; readonly message: string; readonly field: string },
): void {
  expectFailure(answer, {
    code: 422,
    reason: 'Invalid',
    message: `PatchOptions.meta.k8s.io "" is invalid: ${cause.field}: ${cause.message}`,
    details: { group: 'meta.k8s.io', kind: 'PatchOptions', causes: [cause] },
  })
}

function ownedBy(manager: string): object {
  const spec = { 'f:size': {}, 'f:tags': { 'v:"x"': {} } }
  const fieldsV1 = { 'f:metadata': { 'f:labels': { 'f:a': {} } }, 'f:spec': spec }
  return { manager, operation: 'Apply', apiVersion: 'example.com/v1', time: '', fieldsType: 'FieldsV1', fieldsV1 }
}

/** Who applies what is there already shares it, without a time; who applies something else is told who owns it. */
async function expectShared({ api, isNative, widgets, widget }: Scene, config: object): Promise<void> {
  const shared = expectObject(await patch.apply(api, `${widgets}/one?fieldManager=you`, config))
  const { time, ...entry } = (listOf(shared['metadata']?.['managedFields'])[0] ?? {}) as Record<string, unknown>
  assert.equal(time, undefined)
  assert.deepEqual({ ...entry, time: '' }, ownedBy('you'))
  const other = widget('one', { spec: { size: 2, tags: ['y'] } })
  const refused = await patch.apply(api, `${widgets}/one?fieldManager=third`, other)
  // A kube-apiserver tells of managers in whatever order.
  if (!isNative) expectFailure(refused, { code: 409, reason: 'Conflict', message: /^Apply failed with 2 conflicts: / })
  else
    expectFailure(refused, {
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 2 conflicts: conflicts with "me":\n- .spec.size\nconflicts with "you":\n- .spec.size',
      details: {
        causes: ['me', 'you'].map((manager) => ({
          reason: 'FieldManagerConflict',
          message: `conflict with "${manager}"`,
          field: '.spec.size',
        })),
      },
    })
  const forced = expectObject(await patch.apply(api, `${widgets}/one?fieldManager=third&force=true`, other))
  assert.deepEqual(forced['spec'], { size: 2, tags: ['x', 'y'] })
  assert.notEqual(versionOf(forced), versionOf(shared))
}

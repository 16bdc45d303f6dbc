import assert from 'node:assert/strict'
import { type ApiAnswer, type Json, listOf } from '../../../support/api-client.ts'
import { asked, patch, put, withMetadata } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'

export const owners: readonly Statement[] = [
  {
    number: 85,
    sentence: 'PUT without managedFields keeps and continues those that are there; an empty list ends them.',
    play: async (scene) => {
      const { api, widgets, create } = scene
      const created = (await create('one', { spec: { size: 1 } })).json
      const body = { ...withMetadata(created, { managedFields: undefined }), spec: { size: 1, owner: 'me' } }
      const updated = expectObject(await put(api, by(`${widgets}/one`, 'second'), body))
      assert.deepEqual(
        fieldsOf(updated, (manager) => manager === 'second'),
        [{ 'f:spec': { 'f:owner': {} } }],
      )
      const first = fieldsOf(updated, (manager) => manager !== 'second')
      assert.deepEqual(first, [{ 'f:spec': { '.': {}, 'f:size': {} } }])
      const spoiled = withMetadata(updated, { managedFields: [{ manager: 'x', operation: 'Steal' }] })
      assert.deepEqual(
        managersOf(expectObject(await put(api, by(`${widgets}/one`, 'third'), spoiled))),
        managersOf(updated),
      )
      for (const empty of [[{}], []]) await expectReset(scene, empty)
    },
  },
]

function by(path: string, fieldManager: string): string {
  return asked(path, { fieldManager })
}

/** An empty list is none for custom resources; one empty entry resets there, too. */
async function expectReset(scene: Scene, managedFields: readonly object[]): Promise<void> {
  const { api, widgets, create, isNative } = scene
  const ways: readonly ((path: string, created: Json) => Promise<ApiAnswer>)[] = [
    (path, created) => put(api, path, withMetadata(created, { managedFields })),
    (path) => patch.merge(api, path, { metadata: { managedFields } }),
  ]
  for (const [index, way] of ways.entries()) {
    const name = `reset-${managedFields.length}-${index}`
    const path = `${widgets}/${name}`
    const answer = expectObject(await way(path, (await create(name, { spec: { size: 1 } })).json))
    if (!isNative && managedFields.length === 0) return
    assert.equal(answer['metadata']?.['managedFields'], undefined)
    await expectUntracked(scene, answer)
  }
}

/** Nobody is said to own anything until somebody applies; then the rest is of `before-first-apply`. */
async function expectUntracked({ api, widgets, widget }: Scene, object: Json): Promise<void> {
  const name = String(object['metadata']?.['name'])
  const path = `${widgets}/${name}`
  const changed = expectObject(await patch.merge(api, path, { spec: { owner: 'me' } }))
  assert.equal(changed['metadata']?.['managedFields'], undefined)
  const conflict = await patch.apply(api, by(path, 'first'), widget(name, { spec: { size: 2 } }))
  const message = 'conflict with "before-first-apply" using example.com/v1'
  expectFailure(conflict, {
    code: 409,
    reason: 'Conflict',
    message: `Apply failed with 1 conflict: ${message}: .spec.size`,
    details: { causes: [{ reason: 'FieldManagerConflict', message, field: '.spec.size' }] },
  })
  const applied = await patch.apply(api, by(path, 'first'), widget(name, { spec: { mode: 'Manual' } }))
  assert.deepEqual(managersOf(expectObject(applied)), ['first Apply', 'before-first-apply Update'])
}

function fieldsOf(object: Json, isWanted: (manager: string) => boolean): readonly Json[] {
  const entries = listOf(object['metadata']?.['managedFields'])
  return entries.filter(({ manager }) => isWanted(String(manager))).flatMap((entry) => entry['fieldsV1'] ?? [])
}

function managersOf(object: Json): readonly string[] {
  return listOf(object['metadata']?.['managedFields']).map((entry) => `${entry['manager']} ${entry['operation']}`)
}

import assert from 'node:assert/strict'
import { type Json, listOf } from '../../../support/api-client.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import { mergePatch } from '../../merge-patch.ts'
import { versionOf } from '../../resource-version.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'

const hold = 'example.com/hold'
const held = { metadata: { finalizers: [hold] } }

export const finalizers: readonly Statement[] = [
  {
    number: 105,
    sentence: 'DELETE of what a finalizer holds marks it, answers it as marked, and leaves it readable.',
    play: async ({ api, create, watch, widgets }) => {
      const created = (await create('a', { ...held, spec: { size: 1 } })).json
      const stream = await watch(`${widgets}?watch=true&resourceVersion=${versionOf(created)}`)
      const marked = expectObject(await api.call('DELETE', `${widgets}/a`))
      const { deletionTimestamp, ...metadata } = marked['metadata'] ?? {}
      assert.match(String(deletionTimestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      const generation = Number(created['metadata']?.['generation']) + 1
      const resourceVersion = metadata['resourceVersion']
      const expected = { ...created['metadata'], deletionGracePeriodSeconds: 0, generation, resourceVersion }
      assert.deepEqual({ ...marked, metadata }, { ...created, metadata: expected })
      assert.ok(versionOf(marked) > versionOf(created))
      assert.deepEqual(expectObject(await api.get(`${widgets}/a`)), marked)
      assert.deepEqual(await stream.next(), { type: 'MODIFIED', object: marked })
      await letGo(api, `${widgets}/a`)
    },
  },
  {
    number: 106,
    sentence: 'DELETE of what is marked already changes nothing, or the propagation alone.',
    play: async ({ api, create, widgets }) => {
      await create('a', held)
      const first = expectObject(await api.call('DELETE', `${widgets}/a?propagationPolicy=Background`))
      const second = expectObject(await api.call('DELETE', `${widgets}/a`))
      assert.deepEqual(second, first)
      const third = expectObject(await api.call('DELETE', `${widgets}/a?propagationPolicy=Foreground`))
      assert.deepEqual(listOf(third['metadata']?.['finalizers']), [hold, 'foregroundDeletion'])
      assert.equal(third['metadata']?.['deletionTimestamp'], first['metadata']?.['deletionTimestamp'])
      assert.equal(third['metadata']?.['generation'], first['metadata']?.['generation'])
      await letGo(api, `${widgets}/a`)
    },
  },
  {
    number: 107,
    sentence: 'What is marked takes no further finalizer, and lets the ones it has go.',
    notForCustomResources: 'their metadata is judged twice, and each error is told twice',
    play: async ({ api, create, widgets }) => {
      await create('a', { metadata: { finalizers: [hold, 'example.com/second'] } })
      expectObject(await api.call('DELETE', `${widgets}/a`))
      const more = { metadata: { finalizers: [hold, 'example.com/second', 'example.com/third'] } }
      const text =
        'no new finalizers can be added if the object is being deleted, ' +
        'found new finalizers []string{"example.com/third"}'
      const cause = { reason: 'FieldValueForbidden', message: `Forbidden: ${text}`, field: 'metadata.finalizers' }
      expectFailure(await mergePatch(api, `${widgets}/a`, more), {
        code: 422,
        reason: 'Invalid',
        message: `Widget.example.com "a" is invalid: metadata.finalizers: Forbidden: ${text}`,
        details: { name: 'a', group: 'example.com', kind: 'Widget', causes: [cause] },
      })
      const fewer = expectObject(await mergePatch(api, `${widgets}/a`, held))
      assert.deepEqual(fewer['metadata']?.['finalizers'], [hold])
      await letGo(api, `${widgets}/a`)
    },
  },
  {
    number: 108,
    sentence: 'The PUT or PATCH that takes the last finalizer off removes the object, and one event tells of it.',
    play: async (scene) => {
      const { api, widgets } = scene
      await removesBy(scene, 'patched', () => mergePatch(api, `${widgets}/patched`, { metadata: { finalizers: null } }))
      await removesBy(scene, 'put', async (marked) => {
        const { finalizers: _, ...metadata } = marked['metadata'] ?? {}
        return api.call('PUT', `${widgets}/put`, { body: { ...marked, metadata } })
      })
    },
  },
  {
    number: 109,
    sentence: 'The propagation decides which finalizers of the garbage collector are put on the object.',
    play: async (scene) => {
      const cases: readonly (readonly [string, number, readonly string[]])[] = [
        ['', 200, []],
        ['propagationPolicy=Background', 200, []],
        ['propagationPolicy=Foreground', 200, ['foregroundDeletion']],
        ['propagationPolicy=Orphan', 200, ['orphan']],
        ['orphanDependents=true', 200, ['orphan']],
        ['orphanDependents=false', 202, []],
      ]
      for (const [query, code, expected] of cases) {
        const marked = await deletedWith(scene, { path: `?${query}` }, code)
        assert.deepEqual(marked['metadata']?.['finalizers'], [hold, ...expected], query)
      }
    },
  },
  {
    number: 110,
    sentence: 'Options in the body make those in the query count for nothing.',
    play: async (scene) => {
      const path = '?propagationPolicy=Foreground&dryRun=All'
      const orphaned = await deletedWith(scene, { path, body: { propagationPolicy: 'Orphan' } }, 200)
      assert.deepEqual(orphaned['metadata']?.['finalizers'], [hold, 'orphan'])
      const plain = await deletedWith(scene, { path, body: { kind: 'DeleteOptions', apiVersion: 'v1' } }, 200)
      assert.deepEqual(plain['metadata']?.['finalizers'], [hold])
    },
  },
  {
    number: 111,
    sentence: 'orphanDependents beside a propagationPolicy is 422, and so is a policy that there is not.',
    play: async ({ api, create, widgets }) => {
      await create('a')
      const both =
        'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set'
      const supported = 'supported values: "Foreground", "Background", "Orphan", "nil"'
      const cases: readonly (readonly [object, string, string])[] = [
        [{ orphanDependents: true, propagationPolicy: 'Orphan' }, both, 'FieldValueInvalid'],
        [
          { propagationPolicy: 'Other' },
          `propagationPolicy: Unsupported value: "Other": ${supported}`,
          'FieldValueNotSupported',
        ],
      ]
      for (const [options, error, reason] of cases) {
        const cause = { reason, message: error.replace('propagationPolicy: ', ''), field: 'propagationPolicy' }
        const failure = {
          code: 422,
          reason: 'Invalid',
          message: `DeleteOptions.meta.k8s.io "" is invalid: ${error}`,
          details: { group: 'meta.k8s.io', kind: 'DeleteOptions', causes: [cause] },
        }
        expectFailure(await api.call('DELETE', `${widgets}/a`, { body: options }), failure)
        const query = new URLSearchParams(options as Record<string, string>)
        expectFailure(await api.call('DELETE', `${widgets}/a?${query}`), failure)
        expectFailure(await api.call('DELETE', widgets, { body: options }), failure)
      }
      expectObject(await api.get(`${widgets}/a`))
    },
  },
  {
    number: 118,
    sentence: 'What is marked still has its name: a creation under it is 409 and says so.',
    play: async ({ api, create, widget, widgets }) => {
      await create('a', held)
      expectObject(await api.call('DELETE', `${widgets}/a`))
      const details = { name: 'a', group: 'example.com', kind: 'widgets' }
      const message = 'object is being deleted: widgets.example.com "a" already exists'
      expectFailure(await api.post(widgets, widget('a')), { code: 409, reason: 'AlreadyExists', message, details })
      await letGo(api, `${widgets}/a`)
      await create('a')
    },
  },
]

async function letGo(api: Scene['api'], path: string): Promise<void> {
  expectObject(await mergePatch(api, path, { metadata: { finalizers: null } }))
  expectFailure(await api.get(path), { code: 404, reason: 'NotFound' })
}

/** Deletes a held widget of a name of its own with these options, and answers it as it is then. */
async function deletedWith(
  { api, create, widgets }: Scene,
  options: { readonly path: string; readonly body?: object },
  code: number,
): Promise<Json> {
  await create('held', held)
  const { path, ...rest } = options
  const marked = expectObject(await api.call('DELETE', `${widgets}/held${path}`, rest), code)
  await letGo(api, `${widgets}/held`)
  return marked
}

async function removesBy(
  { api, create, watch, widgets }: Scene,
  name: string,
  write: (marked: Json) => ReturnType<typeof mergePatch>,
): Promise<void> {
  await create(name, { ...held, spec: { size: 3 } })
  const marked = expectObject(await api.call('DELETE', `${widgets}/${name}`))
  const stream = await watch(`${widgets}?watch=true&resourceVersion=${versionOf(marked)}`)
  const answer = expectObject(await write(marked))
  assert.equal(answer['metadata']?.['uid'], marked['metadata']?.['uid'])
  assert.equal(answer['metadata']?.['finalizers'], undefined)
  assert.deepEqual(answer['spec'], { ...marked['spec'] })
  expectFailure(await api.get(`${widgets}/${name}`), { code: 404, reason: 'NotFound' })
  await create(`behind-${name}`)
  const [deleted, next] = await stream.take(2)
  assert.equal(deleted?.type, 'DELETED')
  assert.equal(deleted.object['metadata']?.['name'], name)
  assert.ok(versionOf(deleted.object) > versionOf(marked))
  assert.equal(next?.object['metadata']?.['name'], `behind-${name}`)
}

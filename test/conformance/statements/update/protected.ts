import assert from 'node:assert/strict'
import type { Json } from '../../../support/api-client.ts'
import { put, versionOf, withMetadata } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { expectSilent } from '../change.ts'

export const protectedFields: readonly Statement[] = [
  {
    number: 73,
    sentence: 'PUT without a resourceVersion is 422, and replaces whatever is there where a kind allows it.',
    play: async (scene) => {
      const { api, widgets, create, namespace, prefix, isNative } = scene
      const created = (await create('one', { spec: { size: 1 } })).json
      await expectNeedsVersion(scene, `${widgets}/one`, created)
      await expectUnconditional(scene, `/api/v1/namespaces/${namespace}/configmaps`, { name: 'one' })
      if (isNative) await expectUnconditional(scene, scene.clusterWidgets, { name: prefix })
      const garbage = await put(api, `${widgets}/one`, withMetadata(created, { resourceVersion: 'garbage' }))
      expectFailure(garbage, isNative ? { code: 400, reason: 'BadRequest' } : { code: 500 })
    },
  },
  {
    number: 81,
    sentence: 'PUT with the uid of another object is 409; without a uid it is the same object.',
    play: async ({ api, widgets, create }) => {
      const created = (await create('one')).json
      const uid = '00000000-0000-4000-8000-000000000000'
      const own = created['metadata']?.['uid']
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${own}`
      expectFailure(await put(api, `${widgets}/one`, withMetadata(created, { uid })), {
        code: 409,
        reason: 'Conflict',
        message: new RegExp(`^Operation cannot be fulfilled on widgets.example.com "one": .*${why}$`),
        details: { name: 'one', group: 'example.com', kind: 'widgets' },
      })
      for (const none of ['', undefined]) {
        const kept = expectObject(await put(api, `${widgets}/one`, withMetadata(created, { uid: none })))
        assert.deepEqual(kept, created)
      }
    },
  },
  {
    number: 83,
    sentence: 'PUT changes no creationTimestamp.',
    play: async (scene) => {
      const created = (await scene.create('one')).json
      const path = `${scene.widgets}/one`
      await expectSilent(scene, created, async () => [
        await put(scene.api, path, withMetadata(created, { creationTimestamp: '2001-02-03T04:05:06Z' })),
        await put(scene.api, path, withMetadata(created, { creationTimestamp: null })),
        await put(scene.api, path, withMetadata(created, { selfLink: '/somewhere' })),
      ])
    },
  },
  {
    number: 84,
    sentence: 'PUT neither sets nor takes away what deletion has set.',
    notForCustomResources: 'their metadata is judged twice, and each error is told twice',
    play: async (scene) => {
      const { api, widgets, create } = scene
      const live = (await create('live')).json
      const deletionTimestamp = '2001-02-03T04:05:06Z'
      const set = { deletionTimestamp, deletionGracePeriodSeconds: 5 }
      await expectImmutable(scene, withMetadata(live, set), Object.keys(set))
      await expectImmutable(scene, withMetadata(live, { deletionTimestamp }), ['deletionTimestamp'])
      assert.deepEqual(expectObject(await api.get(`${widgets}/live`)), live)
      await create('going', { metadata: { finalizers: ['example.com/stay'] } })
      const going = expectObject(await api.call('DELETE', `${widgets}/going`))
      await expectSilent(scene, going, async () => [
        await put(api, `${widgets}/going`, withMetadata(going, { deletionTimestamp: undefined })),
        await put(api, `${widgets}/going`, withMetadata(going, { deletionGracePeriodSeconds: undefined })),
      ])
      const grace = { deletionGracePeriodSeconds: 5 }
      await expectImmutable(scene, withMetadata(going, grace), Object.keys(grace))
      const kept = expectObject(await put(api, `${widgets}/going`, withMetadata(going, { deletionTimestamp })))
      assert.equal(kept['metadata']?.['deletionTimestamp'], going['metadata']?.['deletionTimestamp'])
    },
  },
  {
    number: 86,
    sentence: 'PUTs without a resourceVersion at the same time all succeed, one after another.',
    play: async ({ api, namespace }) => {
      const configMaps = `/api/v1/namespaces/${namespace}/configmaps`
      expectObject(await api.post(configMaps, { metadata: { name: 'one' } }), 201)
      const writers = Array.from({ length: 10 }, (_, index) => String(index))
      const answers = await Promise.all(
        writers.map((by) => put(api, `${configMaps}/one`, { metadata: { name: 'one' }, data: { by } })),
      )
      const written = answers.map((answer) => expectObject(answer))
      assert.deepEqual(
        written.map((object) => object['data']?.['by'] as unknown),
        writers,
      )
      assert.equal(new Set(written.map(versionOf)).size, writers.length)
      const last = written.toSorted((left, right) => Number(BigInt(versionOf(left)) - BigInt(versionOf(right)))).at(-1)
      assert.deepEqual(expectObject(await api.get(`${configMaps}/one`)), last)
    },
  },
]

async function expectNeedsVersion({ api }: Scene, path: string, created: Json): Promise<void> {
  const message = 'Invalid value: 0: must be specified for an update'
  for (const resourceVersion of [undefined, '', '0']) {
    const body = { ...withMetadata(created, { resourceVersion }), spec: { size: 2 } }
    expectFailure(await put(api, path, body), {
      code: 422,
      reason: 'Invalid',
      message: `widgets.example.com "one" is invalid: metadata.resourceVersion: ${message}`,
      details: {
        name: 'one',
        group: 'example.com',
        kind: 'widgets',
        causes: [{ reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' }],
      },
    })
  }
  assert.deepEqual(expectObject(await api.get(path)), created)
}

async function expectUnconditional({ api }: Scene, path: string, metadata: { readonly name: string }): Promise<void> {
  let last = versionOf(expectObject(await api.post(path, { metadata }), 201))
  for (const resourceVersion of [undefined, '', '0']) {
    const body = { metadata: { ...metadata, resourceVersion, annotations: { sent: String(resourceVersion) } } }
    const next = versionOf(expectObject(await put(api, `${path}/${metadata.name}`, body)))
    assert.notEqual(next, last)
    last = next
  }
  expectObject(await api.call('DELETE', `${path}/${metadata.name}`))
}

/** 422, with a cause for each of these fields of metadata. */
async function expectImmutable({ api, widgets }: Scene, body: object, fields: readonly string[]): Promise<void> {
  const { name } = (body as { metadata: { name: string } }).metadata
  const status = expectFailure(await put(api, `${widgets}/${name}`, body), { code: 422, reason: 'Invalid' })
  const causes = status['details']?.['causes'] as unknown as readonly { field: string; message: string }[]
  const wanted = fields.map((field) => `metadata.${field}`)
  assert.deepEqual(causes.map(({ field }) => field).toSorted(), wanted.toSorted())
  for (const { message } of causes) assert.match(message, /^Invalid value: .+: field is immutable$/)
}

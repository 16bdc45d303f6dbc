import assert from 'node:assert/strict'
import type { Json } from '../../../support/api-client.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'

const resource = { group: 'example.com', kind: 'widgets' }
const json = 'application/json'

export const removal: readonly Statement[] = [
  {
    number: 103,
    sentence: 'DELETE of what nothing holds removes it and answers a Success with its name, resource and uid.',
    play: async ({ api, create, widgets }) => {
      const created = await create('a')
      const answer = expectObject(await api.call('DELETE', `${widgets}/a`))
      assert.deepEqual(answer, successOf(created.json))
      expectGone(await api.get(`${widgets}/a`), 'a')
    },
  },
  {
    number: 104,
    sentence: 'DELETE of what is not there is 404.',
    play: async ({ api, create, widgets }) => {
      expectGone(await api.call('DELETE', `${widgets}/a`), 'a')
      await create('a')
      expectObject(await api.call('DELETE', `${widgets}/a`))
      expectGone(await api.call('DELETE', `${widgets}/a`), 'a')
    },
  },
  {
    number: 112,
    sentence: 'Preconditions on the uid and the resourceVersion must hold, or nothing is deleted.',
    play: async (scene) => {
      const { api, create, widgets } = scene
      const { uid, resourceVersion } = (await create('a')).json['metadata'] ?? {}
      const recreated = 'The object might have been deleted and then recreated'
      await refused(
        scene,
        { uid: 'other' },
        `the UID in the precondition (other) does not match the UID in record (${uid}). ${recreated}`,
      )
      const record = `the ResourceVersion in record (${resourceVersion}). The object might have been modified`
      await refused(
        scene,
        { resourceVersion: '1' },
        `the ResourceVersion in the precondition (1) does not match ${record}`,
      )
      await refused(
        scene,
        { uid, resourceVersion: '1' },
        /the ResourceVersion in the precondition \(1\) does not match/,
      )
      assert.deepEqual(expectObject(await api.get(`${widgets}/a`))['metadata']?.['resourceVersion'], resourceVersion)
      const body = { preconditions: { uid, resourceVersion } }
      expectObject(await api.call('DELETE', `${widgets}/a`, { body }))
      expectGone(await api.get(`${widgets}/a`), 'a')
    },
  },
  {
    number: 113,
    sentence: 'A dry run of DELETE answers as the deletion would, and leaves the object.',
    play: async ({ api, create, widgets }) => {
      const free = await create('free')
      const held = await create('held', { metadata: { finalizers: ['example.com/hold'] } })
      assert.deepEqual(expectObject(await api.call('DELETE', `${widgets}/free?dryRun=All`)), successOf(free.json))
      const marked = expectObject(await api.call('DELETE', `${widgets}/held`, { body: { dryRun: ['All'] } }))
      assert.ok(marked['metadata']?.['deletionTimestamp'], 'what would be stored')
      for (const { json } of [free, held]) {
        assert.deepEqual(expectObject(await api.get(`${widgets}/${json['metadata']?.['name']}`)), json)
      }
      expectFailure(await api.call('DELETE', `${widgets}/free?dryRun=Some`), { code: 422, reason: 'Invalid' })
      expectFailure(await api.call('DELETE', `${widgets}/other?dryRun=All`), { code: 404, reason: 'NotFound' })
    },
  },
  {
    number: 114,
    sentence: 'An empty body is no body, whatever its Content-Type says.',
    play: async ({ api, create, widgets }) => {
      for (const contentType of [json, 'application/yaml']) {
        await create('a')
        expectObject(await api.call('DELETE', `${widgets}/a`, { body: '', contentType }))
      }
      await create('a')
      expectObject(await api.call('DELETE', widgets, { body: '', contentType: json }))
      expectGone(await api.get(`${widgets}/a`), 'a')
    },
  },
  {
    number: 115,
    sentence: 'DeleteOptions are taken as v1 and meta.k8s.io/v1, in JSON and YAML, and no other kind is.',
    play: async ({ api, create, isNative, widgets }) => {
      const groupVersions = ['v1', 'meta.k8s.io/v1', ...(isNative ? ['example.com/v1'] : [])]
      for (const apiVersion of groupVersions) {
        await create('a')
        expectObject(await api.call('DELETE', `${widgets}/a`, { body: { kind: 'DeleteOptions', apiVersion } }))
      }
      await create('a')
      const refuse = async (body: unknown): Promise<unknown> =>
        expectFailure(await api.call('DELETE', `${widgets}/a`, { body }), { code: 400, reason: 'BadRequest' })
      await refuse({ kind: 'Widget', apiVersion: 'example.com/v1' })
      await refuse({ kind: 'GetOptions', apiVersion: 'meta.k8s.io/v1' })
      await refuse('{"kind":')
      const xml = await api.call('DELETE', `${widgets}/a`, { body: '<a/>', contentType: 'application/xml' })
      expectFailure(xml, { code: 415, reason: 'UnsupportedMediaType' })
      const yaml = { body: 'kind: DeleteOptions\napiVersion: v1\n', contentType: 'application/yaml' }
      expectObject(await api.call('DELETE', `${widgets}/a`, yaml))
    },
  },
]

/** No `code`, and `details.kind` is the plural. */
function successOf(object: Json): object {
  const { name, uid } = object['metadata'] ?? {}
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name, ...resource, uid } }
}

function expectGone(answer: Parameters<typeof expectFailure>[0], name: string): void {
  const message = `widgets.example.com "${name}" not found`
  expectFailure(answer, { code: 404, reason: 'NotFound', message, details: { name, ...resource } })
}

async function refused({ api, widgets }: Scene, preconditions: object, why: string | RegExp): Promise<void> {
  const answer = await api.call('DELETE', `${widgets}/a`, { body: { preconditions } })
  const subject = 'Operation cannot be fulfilled on Widget.example.com "a": '
  const message = typeof why === 'string' ? subject + why : why
  const details = { name: 'a', group: 'example.com', kind: 'Widget' }
  expectFailure(answer, { code: 409, reason: 'Conflict', message, details })
}

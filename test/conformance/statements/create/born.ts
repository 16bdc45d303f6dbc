import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { type Json, listOf } from '../../../support/api-client.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const second = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const suffix = '[bcdfghjklmnpqrstvwxz2456789]{5}'

/** What a new object gets, and what it does not take from its client. */
export const born: readonly Statement[] = [
  {
    number: 16,
    sentence: 'POST answers 201 and the whole object, with everything that the server gives it.',
    play: async ({ api, widgets, clusterWidgets, widget, namespace, prefix }) => {
      const headers = { 'user-agent': 'tester/1.0 (conformance)' }
      const answer = await api.call('POST', widgets, { body: widget('x', { spec: { size: 3 } }), headers })
      assert.equal(answer.headers['content-type'], 'application/json')
      assert.equal(answer.headers['location'], undefined)
      const { metadata, ...object } = expectObject(answer, 201)
      assert.deepEqual(object, { apiVersion: 'example.com/v1', kind: 'Widget', spec: { size: 3 } })
      expectBorn(metadata, { name: 'x', namespace })
      expectTracked(metadata, 'tester')
      assert.deepEqual(expectObject(await api.get(`${widgets}/x`)), answer.json, 'what is answered is what is stored')
      const cluster = await api.post(clusterWidgets, clusterWidget(prefix, {}))
      expectBorn(expectObject(cluster, 201)['metadata'], { name: prefix })
      await api.call('DELETE', `${clusterWidgets}/${prefix}`)
    },
  },
  {
    number: 17,
    sentence: 'A new object has no status, whatever its client says.',
    play: async ({ api, create, widgets, clusterWidgets, prefix }) => {
      const status = { phase: 'Ready', observedGeneration: 7 }
      assert.equal((await create('x', { status })).json['status'], undefined)
      const stored = expectObject(await api.get(`${widgets}/x`))
      assert.equal(stored['status'], undefined)
      assert.ok(!JSON.stringify(stored['metadata']).includes('f:status'), 'nobody owns a status that is not there')
      const cluster = await api.post(clusterWidgets, { ...clusterWidget(prefix, {}), status })
      assert.equal(expectObject(cluster, 201)['status'], undefined)
      await api.call('DELETE', `${clusterWidgets}/${prefix}`)
    },
  },
  {
    number: 18,
    sentence: 'What only the server says of an object is not taken from the client.',
    play: async ({ api, create, widgets, namespace }) => {
      const past = '2001-02-03T04:05:06Z'
      const sent = {
        uid: '00000000-0000-4000-8000-000000000000',
        creationTimestamp: past,
        deletionTimestamp: past,
        deletionGracePeriodSeconds: 30,
        selfLink: '/my/self',
        generation: 99,
      }
      await create('x', { metadata: sent })
      const { metadata } = expectObject(await api.get(`${widgets}/x`))
      expectBorn(metadata, { name: 'x', namespace })
      assert.notEqual(metadata?.['uid'], sent.uid)
      assert.notEqual(metadata?.['creationTimestamp'], past)
      for (const gone of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink']) {
        assert.equal(metadata?.[gone], undefined, gone)
      }
    },
  },
  {
    number: 19,
    sentence: 'An object that has a resourceVersion is not created.',
    play: async ({ api, create, widgets, widget }) => {
      const { resourceVersion } = (await create('other')).json['metadata'] ?? {}
      const answer = await api.post(widgets, widget('x', { metadata: { resourceVersion } }))
      assert.ok([400, 500].includes(answer.status), answer.text)
      expectFailure(answer, {
        code: answer.status,
        message: 'resourceVersion should not be set on objects to be created',
      })
      assert.equal((await api.get(`${widgets}/x`)).status, 404)
      for (const none of ['', '0']) await create(`x${none}`, { metadata: { resourceVersion: none } })
    },
  },
  {
    number: 20,
    sentence: 'A name is given once: the second POST is 409 and changes nothing.',
    play: async ({ api, create, widgets, widget }) => {
      const first = await create('x', { spec: { size: 1 } })
      expectFailure(await api.post(widgets, widget('x', { spec: { size: 2 } })), {
        code: 409,
        reason: 'AlreadyExists',
        message: 'widgets.example.com "x" already exists',
        details: { name: 'x', group: 'example.com', kind: 'widgets' },
      })
      assert.deepEqual(expectObject(await api.get(`${widgets}/x`)), first.json)
    },
  },
  {
    number: 21,
    sentence: 'A generated name is the prefix, cut to 58 characters, and five random ones.',
    play: async (scene) => {
      const names = [await generated(scene, 'a-'), await generated(scene, 'a-')]
      for (const name of names) assert.match(name, new RegExp(`^a-${suffix}$`))
      assert.notEqual(names[0], names[1])
      const long = await generated(scene, 'b'.repeat(70))
      assert.match(long, new RegExp(`^b{58}${suffix}$`))
      assert.equal(long.length, 63)
    },
  },
  {
    number: 22,
    sentence: 'A name that is there is not generated.',
    play: async ({ api, create, widgets }) => {
      await create('x', { metadata: { generateName: 'a-' } })
      const { metadata } = expectObject(await api.get(`${widgets}/x`))
      assert.deepEqual([metadata?.['name'], metadata?.['generateName']], ['x', 'a-'])
    },
  },
]

function clusterWidget(name: string, metadata: object): object {
  return { apiVersion: 'example.com/v1', kind: 'ClusterWidget', metadata: { name, ...metadata } }
}

/** The one field that was sent belongs to its sender. */
function expectTracked(metadata: Json | undefined, manager: string): void {
  const [entry, ...others] = listOf(metadata?.['managedFields'])
  const { time, ...rest } = entry ?? {}
  assert.match(String(time), second)
  assert.deepEqual(rest, {
    manager,
    operation: 'Update',
    apiVersion: 'example.com/v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { '.': {}, 'f:size': {} } },
  })
  assert.deepEqual(others, [])
}

function expectBorn(metadata: Json | undefined, place: { readonly name: string; readonly namespace?: string }): void {
  assert.equal(metadata?.['name'], place.name)
  assert.equal(metadata['namespace'], place.namespace)
  assert.match(String(metadata['uid']), uuid)
  assert.match(String(metadata['creationTimestamp']), second)
  assert.match(String(metadata['resourceVersion']), /^[1-9]\d*$/)
  assert.equal(metadata['generation'], 1)
}

async function generated({ api, widgets, widget }: Scene, generateName: string): Promise<string> {
  const sent = widget('', { metadata: { generateName } })
  const { metadata } = expectObject(await api.post(widgets, sent), 201)
  assert.equal(metadata?.['generateName'], generateName)
  return String(metadata['name'])
}
